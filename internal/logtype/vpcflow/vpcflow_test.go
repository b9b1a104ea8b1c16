package vpcflow_test

import (
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/vpcflow"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, vpcflow.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/v5-header.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, vpcflow.Type(), data)
}
