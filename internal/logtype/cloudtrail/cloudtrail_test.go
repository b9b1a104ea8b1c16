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

// TestPair compares with what another product makes of a record. Where it differs: event.type has "creation" for
// a call that creates where theirs has "change"; event.created is the time of their intake; related.entity is no
// field of ECS 8; everything below aws.cloudtrail stands here in columns of AWS's names.
func TestPair(t *testing.T) {
	raw := logtypetest.SharedFile(t, "pairs-ecs/cloudtrail/elastic-cloudtrail-create-access-key.raw")
	r := logtypetest.Read(t, cloudtrail.Type(), "x", raw)
	r.Expect(t, 0, map[string]string{
		"timestamp": "2020-01-08T20:43:06.000000Z", "cloud_account_id": "0123456789012", "cloud_region": "us-east-1", "event_action": "CreateAccessKey",
		"event_category": "iam", "event_id": "EXAMPLE-3cab-40f8-938b-EXAMPLE", "event_kind": "event", "event_outcome": "success", "event_provider": "iam.amazonaws.com",
		"event_type": "creation,user", "source_address": "127.0.0.1", "source_ip": "127.0.0.1", "user_id": "EXAMPLE_ID", "user_name": "Alice", "user_target_name": "Bob",
		"user_agent_original": "signin.amazonaws.com", "user_access_key_id": "EXAMPLE_KEY", "user_arn": "arn:aws:iam::0123456789012:user/Alice",
		"request_id": "EXAMPLE-823a-48dc-8fa9-EXAMPLE", "session_mfa_authenticated": "true", "session_creation_date": "2020-01-08T15:12:16.000000Z",
	})
}
