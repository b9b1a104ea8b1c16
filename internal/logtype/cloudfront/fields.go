package cloudfront

import "ashiato/internal/event"

// fields are AWS's names with the column that each goes to. The first standard ones are the legacy
// format, in its order; date and time become the timestamp.
var fields = []struct {
	name   string
	column event.Column
}{
	{"date", event.Column{Field: "@timestamp"}},
	{"time", event.Column{Field: "@timestamp"}},
	{"x-edge-location", event.Column{Field: "x_edge_location"}},
	{"sc-bytes", event.Column{Field: "http.response.bytes", Native: []string{"destination.bytes"}}},
	{"c-ip", event.Column{Field: "source.ip"}},
	{"cs-method", event.Column{Field: "http.request.method"}},
	{"cs(Host)", event.Column{Field: "destination.domain"}},
	{"cs-uri-stem", event.Column{Field: "url.path"}},
	{"sc-status", event.Column{Field: "http.response.status_code"}},
	{"cs(Referer)", event.Column{Field: "http.request.referrer", Native: []string{"cs_referrer"}}},
	{"cs(User-Agent)", event.Column{Field: "cs(User-Agent)"}},
	{"cs-uri-query", event.Column{Field: "url.query"}},
	{"cs(Cookie)", event.Column{Field: "cs(Cookie)"}},
	{"x-edge-result-type", event.Column{Field: "event.action"}},
	{"x-edge-request-id", event.Column{Field: "http.request.id"}},
	{"x-host-header", event.Column{Field: "url.domain"}},
	{"cs-protocol", event.Column{Field: "url.scheme"}},
	{"cs-bytes", event.Column{Field: "http.request.bytes", Native: []string{"source.bytes"}}},
	{"time-taken", event.Column{Field: "time_taken", Kind: event.Float}},
	{"x-forwarded-for", event.Column{Field: "x_forwarded_for"}},
	{"ssl-protocol", event.Column{Field: "tls.version"}},
	{"ssl-cipher", event.Column{Field: "tls.cipher"}},
	{"x-edge-response-result-type", event.Column{Field: "x_edge_response_result_type"}},
	{"cs-protocol-version", event.Column{Field: "http.version"}},
	{"fle-status", event.Column{Field: "fle_status"}},
	{"fle-encrypted-fields", event.Column{Field: "fle_encrypted_fields", Kind: event.Int}},
	{"c-port", event.Column{Field: "source.port"}},
	{"time-to-first-byte", event.Column{Field: "time_to_first_byte", Kind: event.Float}},
	{"x-edge-detailed-result-type", event.Column{Field: "x_edge_detailed_result_type"}},
	{"sc-content-type", event.Column{Field: "http.response.mime_type"}},
	{"sc-content-len", event.Column{Field: "http.response.body.bytes"}},
	{"sc-range-start", event.Column{Field: "sc_range_start", Kind: event.Int}},
	{"sc-range-end", event.Column{Field: "sc_range_end", Kind: event.Int}},
	// standard logging v2 offers these too
	{"timestamp", event.Column{Field: "epoch", Kind: event.Time}},
	{"timestamp(ms)", event.Column{Field: "epoch_ms", Kind: event.Time}},
	{"DistributionId", event.Column{Field: "resource.name", Native: []string{"distribution_id"}}},
	{"origin-fbl", event.Column{Field: "origin_fbl", Kind: event.Float}},
	{"origin-lbl", event.Column{Field: "origin_lbl", Kind: event.Float}},
	{"asn", event.Column{Field: "source.as.number"}},
	{"c-country", event.Column{Field: "source.geo.country_iso_code"}},
	{"c-ip-version", event.Column{Field: "network.type"}},
	{"cs-accept", event.Column{Field: "cs_accept"}},
	{"cs-accept-encoding", event.Column{Field: "cs_accept_encoding"}},
	{"cs-headers", event.Column{Field: "cs_headers"}},
	{"cs-header-names", event.Column{Field: "cs_header_names"}},
	{"cs-headers-count", event.Column{Field: "cs_headers_count", Kind: event.Int}},
	{"cache-behavior-path-pattern", event.Column{Field: "cache_behavior_path_pattern"}},
	{"primary-distribution-id", event.Column{Field: "primary_distribution_id"}},
	{"primary-distribution-dns-name", event.Column{Field: "primary_distribution_dns_name"}},
	{"distribution-tenant-id", event.Column{Field: "distribution_tenant_id"}},
	{"connection-id", event.Column{Field: "connection_id"}},
}

// standard is how many of fields make up the legacy format today; fewest is how many it had at first.
const (
	standard = 33
	fewest   = 12
)

func columns() []event.Column {
	var out []event.Column
	for _, f := range fields {
		c := f.column
		if c.Field == "@timestamp" {
			continue
		}
		for _, n := range []string{f.name, event.SQLName(f.name)} {
			if n != c.Field && n != "timestamp" && n != "timestamp_ms" {
				c.Native = append(c.Native, n)
			}
		}
		out = append(out, c)
	}
	return append(out,
		event.Column{Field: "user_agent.original"}, event.Column{Field: "additional_fields"},
		event.Column{Field: "cloud.account.id"}, event.Column{Field: "cloud.region"}, event.Column{Field: "resource.arn"}, event.Column{Field: "resource.type"},
		event.Column{Field: "event.kind"}, event.Column{Field: "event.category"}, event.Column{Field: "event.type"},
		event.Column{Field: "event.outcome"}, event.Column{Field: "event.duration"}, event.Column{Field: "network.protocol"},
	)
}
