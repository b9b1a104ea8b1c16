package cloudtrail_test

import (
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/cloudtrail"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, cloudtrail.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/management.json")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, cloudtrail.Type(), data)
}
