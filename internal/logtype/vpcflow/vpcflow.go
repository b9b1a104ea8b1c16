// Package vpcflow is the log type aws.vpcflow: VPC Flow Logs of versions 2 to 8, as text with or
// without a header line and as Parquet.
package vpcflow

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "aws.vpcflow",
		Title:      "VPC Flow Logs",
		Docs:       "https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html",
		Keys:       []string{`(?i)vpcflowlogs`},
		LogGroups:  []string{`(?i)vpc-?flow|flow-?logs?`, `:eni-[0-9a-f]+-(all|accept|reject)$`},
		Sniff:      sniff,
		Framing:    logtype.Lines,
		CloudWatch: true,
		Line:       func(*logtype.Object) logtype.LineParser { return &parser{} },
		Columns:    columns(),
		Fields:     jsonFields(),
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

// fieldsOf lists AWS's names with the column that each goes to. Where an ECS field holds the same
// value, that is the column; the others keep AWS's name.
var fieldsOf = []struct {
	name   string // as in the header line
	column event.Column
}{
	{"version", event.Column{Field: "version"}},
	{"account-id", event.Column{Field: "cloud.account.id"}},
	{"interface-id", event.Column{Field: "observer.ingress.interface.id"}},
	{"srcaddr", event.Column{Field: "source.ip"}},
	{"dstaddr", event.Column{Field: "destination.ip"}},
	{"srcport", event.Column{Field: "source.port"}},
	{"dstport", event.Column{Field: "destination.port"}},
	{"protocol", event.Column{Field: "protocol", Kind: event.Int, Native: []string{"network.iana_number"}}},
	{"packets", event.Column{Field: "network.packets", Native: []string{"source.packets"}}},
	{"bytes", event.Column{Field: "network.bytes", Native: []string{"source.bytes"}}},
	{"start", event.Column{Field: "start", Kind: event.Int}},
	{"end", event.Column{Field: "@timestamp"}},
	{"action", event.Column{Field: "event.action"}},
	{"log-status", event.Column{Field: "log_status"}},
	{"vpc-id", event.Column{Field: "vpc_id"}},
	{"subnet-id", event.Column{Field: "subnet_id"}},
	{"instance-id", event.Column{Field: "cloud.instance.id"}},
	{"tcp-flags", event.Column{Field: "tcp_flags", Kind: event.Int}},
	{"type", event.Column{Field: "type"}},
	{"pkt-srcaddr", event.Column{Field: "pkt_srcaddr", Kind: event.IP}},
	{"pkt-dstaddr", event.Column{Field: "pkt_dstaddr", Kind: event.IP}},
	{"region", event.Column{Field: "cloud.region"}},
	{"az-id", event.Column{Field: "cloud.availability_zone"}},
	{"sublocation-type", event.Column{Field: "sublocation_type"}},
	{"sublocation-id", event.Column{Field: "sublocation_id"}},
	{"pkt-src-aws-service", event.Column{Field: "pkt_src_aws_service"}},
	{"pkt-dst-aws-service", event.Column{Field: "pkt_dst_aws_service"}},
	{"flow-direction", event.Column{Field: "flow_direction"}},
	{"traffic-path", event.Column{Field: "traffic_path", Kind: event.Int}},
	{"ecs-cluster-arn", event.Column{Field: "ecs_cluster_arn"}},
	{"ecs-cluster-name", event.Column{Field: "ecs_cluster_name"}},
	{"ecs-container-instance-arn", event.Column{Field: "ecs_container_instance_arn"}},
	{"ecs-container-instance-id", event.Column{Field: "ecs_container_instance_id"}},
	{"ecs-container-id", event.Column{Field: "ecs_container_id"}},
	{"ecs-second-container-id", event.Column{Field: "ecs_second_container_id"}},
	{"ecs-service-name", event.Column{Field: "ecs_service_name"}},
	{"ecs-task-definition-arn", event.Column{Field: "ecs_task_definition_arn"}},
	{"ecs-task-arn", event.Column{Field: "ecs_task_arn"}},
	{"ecs-task-id", event.Column{Field: "ecs_task_id"}},
	{"reject-reason", event.Column{Field: "reject_reason"}},
	{"resource-id", event.Column{Field: "resource_id"}},
	{"encryption-status", event.Column{Field: "encryption_status"}},
}

func columns() []event.Column {
	var out []event.Column
	for _, f := range fieldsOf {
		c := f.column
		native := strings.ReplaceAll(f.name, "-", "_")
		c.Native = append([]string{native, f.name}, c.Native...)
		out = append(out, c)
	}
	for _, f := range []string{"event.kind", "event.category", "event.type", "event.outcome", "network.transport", "network.type", "network.direction"} {
		out = append(out, event.Column{Field: f})
	}
	return out
}

func columnName(c event.Column) string {
	if c.Field == "@timestamp" {
		return event.ColTimestamp
	}
	return event.SQLName(c.Field)
}

func jsonFields() []decode.Field {
	var out []decode.Field
	for _, f := range fieldsOf {
		for _, n := range []string{f.name, strings.ReplaceAll(f.name, "-", "_")} {
			out = append(out, decode.Field{Path: n, Column: columnName(f.column), Time: event.EpochSec})
			if !strings.Contains(f.name, "-") {
				break
			}
		}
	}
	return out
}

var defaultHeader = []byte("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status")

var defaultLine = regexp.MustCompile(`^2 (\d{12}|unknown) \S+ \S+ \S+ \S+ \S+ \S+ \S+ \S+ \d+ \d+ (ACCEPT|REJECT|-) (OK|NODATA|SKIPDATA)$`)

func sniff(s *logtype.Sample) bool {
	if s.IsJSON {
		return s.Has("start", "end") && (s.Has("srcaddr") || s.Has("interface_id") || s.Has("log_status")) && !s.Has("tgw_id")
	}
	first := s.FirstLine()
	return isHeader(first) && !bytes.Contains(first, []byte("tgw-")) || defaultLine.Match(first)
}

var known = func() map[string]int {
	m := map[string]int{}
	for i, f := range fieldsOf {
		m[f.name] = i
		m[strings.ReplaceAll(f.name, "-", "_")] = i
	}
	return m
}()

// isHeader reports whether a line names columns: at least three that are known and nothing that
// looks like a value.
func isHeader(line []byte) bool {
	n := 0
	for _, f := range split(line) {
		if _, ok := known[string(f)]; ok {
			n++
		} else if f[0] < 'a' || f[0] > 'z' {
			return false
		}
	}
	return n >= 3
}

// split splits a header line: AWS separates fields by blanks, exports as CSV by commas.
func split(line []byte) [][]byte {
	return bytes.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
}

// separator returns the byte between a header's fields.
func separator(header []byte) byte {
	for _, c := range []byte{' ', '\t'} {
		if bytes.IndexByte(header, c) >= 0 {
			return c
		}
	}
	return ','
}

// parser reads the lines of one object; the header line, where there is one, says which columns
// there are.
type parser struct {
	header []int // column index per field, -1 for fields that are not known
	kinds  []event.Kind
	names  int
	sep    byte
}

func (p *parser) setHeader(s *event.Schema, line []byte) {
	p.header, p.kinds, p.sep = p.header[:0], p.kinds[:0], separator(line)
	names := split(line)
	for _, n := range names {
		col, kind := -1, event.Keyword
		if i, ok := known[string(n)]; ok {
			col = s.Index(columnName(fieldsOf[i].column))
			kind = s.Columns[col].Kind
		}
		p.header, p.kinds = append(p.header, col), append(p.kinds, kind)
	}
	p.names = len(names)
}

// Parse reads one line (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	b := row.Data()
	if b[start] > '9' && isHeader(b[start:end]) {
		p.setHeader(row.Schema(), b[start:end])
		return logtype.ErrNotRecord
	}
	if p.names == 0 {
		p.setHeader(row.Schema(), defaultHeader)
		if b[start] != '2' {
			p.names = 0
			return fmt.Errorf("no header line names the columns, and this is not the default format of version 2")
		}
	}
	n := 0
	for i := start; i <= end; n++ {
		j := bytes.IndexByte(b[i:end], p.sep)
		if j < 0 {
			j = end
		} else {
			j += i
		}
		if n >= p.names {
			return fmt.Errorf("more than the %d fields that the header names", p.names)
		}
		if c := p.header[n]; c >= 0 && !(j == i+1 && b[i] == '-') {
			if err := value(row, c, p.kinds[n], b, i, j); err != nil {
				return err
			}
		}
		i = j + 1
	}
	if n != p.names {
		return fmt.Errorf("%d fields where the header names %d", n, p.names)
	}
	return nil
}

func value(row *event.Row, c int, k event.Kind, b []byte, i, j int) error {
	switch k {
	case event.Int:
		if !row.SpanInt(c, i, j) {
			return fmt.Errorf("%q is not a number (field %s)", b[i:j], row.Schema().Columns[c].Name)
		}
	case event.Time:
		if !row.SpanTime(c, i, j, event.EpochSec) {
			return fmt.Errorf("%q is not a time (field end)", b[i:j])
		}
	default:
		row.Span(c, i, j)
	}
	return nil
}

// transports are IANA protocol numbers with their names as ECS writes them.
var transports = map[int64]string{
	0: "hopopt", 1: "icmp", 2: "igmp", 4: "ipv4", 6: "tcp", 17: "udp", 27: "rdp", 33: "dccp", 41: "ipv6", 46: "rsvp", 47: "gre", 50: "esp",
	51: "ah", 58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp", 136: "udplite",
}

var rules = []event.Rule{
	{From: []string{"event_action", "log_status"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome"}, Fn: func(a *event.Args) {
		a.Set(0, "event")
		a.SetList(1, "network")
		switch a.Str(0) {
		case "ACCEPT":
			a.SetList(2, "connection", "allowed")
			a.Set(3, "success")
		case "REJECT":
			a.SetList(2, "connection", "denied")
			a.Set(3, "failure")
		default:
			a.SetList(2, "info")
			a.Set(3, "unknown")
		}
	}},
	{From: []string{"protocol"}, To: []string{"network_transport"}, Fn: func(a *event.Args) {
		if n, ok := a.Int(0); ok {
			a.Set(0, transports[n])
		}
	}},
	{From: []string{"type"}, To: []string{"network_type"}, Fn: func(a *event.Args) { a.Set(0, strings.ToLower(a.Str(0))) }},
	{From: []string{"flow_direction"}, To: []string{"network_direction"}, Fn: func(a *event.Args) { a.Set(0, a.Str(0)) }},
}

func message(get logtype.Getter) string {
	if get("source_ip") == "" {
		return fmt.Sprintf("%s recorded no traffic (%s)", get("observer_ingress_interface_id"), get("log_status"))
	}
	verb := "sent"
	if get("event_action") == "REJECT" {
		verb = "was refused sending"
	}
	proto := get("network_transport")
	if proto == "" {
		proto = "protocol " + get("protocol")
	}
	bytes, _ := strconv.ParseInt(get("network_bytes"), 10, 64)
	return fmt.Sprintf("%s:%s %s %d bytes to %s:%s over %s", get("source_ip"), get("source_port"), verb, bytes, get("destination_ip"), get("destination_port"), proto)
}

// views has the table of AWS's "Query Amazon VPC flow logs" page for Athena.
var views = []logtype.View{{
	Name: "vpcflow",
	Docs: "https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-create-table-statement.html",
	SQL: `SELECT TRY_CAST("version" AS INTEGER) AS "version", cloud_account_id AS account_id, observer_ingress_interface_id AS interface_id,
 source_ip AS srcaddr, destination_ip AS dstaddr, source_port::INTEGER AS srcport, destination_port::INTEGER AS dstport, protocol, network_packets AS packets, network_bytes AS bytes,
 "start", epoch_us("timestamp") // 1000000 AS "end", event_action AS "action", log_status, vpc_id, subnet_id, cloud_instance_id AS instance_id, tcp_flags::INTEGER AS tcp_flags,
 "type", pkt_srcaddr, pkt_dstaddr, cloud_region AS region, cloud_availability_zone AS az_id, sublocation_type, sublocation_id, pkt_src_aws_service, pkt_dst_aws_service,
 flow_direction, traffic_path::INTEGER AS traffic_path, ecs_cluster_arn, ecs_cluster_name, ecs_container_instance_arn, ecs_container_instance_id, ecs_container_id,
 ecs_second_container_id, ecs_service_name, ecs_task_definition_arn, ecs_task_arn, ecs_task_id, reject_reason, resource_id, encryption_status,
 strftime("timestamp", '%Y/%m/%d') AS "day", strftime("timestamp", '%Y-%m-%d') AS "date", cloud_account_id AS aws_account_id, cloud_region AS aws_region, "timestamp"
FROM aws_vpcflow`,
}}
