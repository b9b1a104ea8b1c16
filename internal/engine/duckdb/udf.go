package duckdb

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"
)

// udf is a scalar function in Go. All are pure, so DuckDB folds calls with
// constant arguments. NULL in gives NULL out; so does a nil result.
type udf struct {
	args   []driver.Type
	result driver.Type
	run    func(args []sqldriver.Value) (any, error)
}

// udfs are the functions in Go. Those that are not in the allow-list are called
// by macros only.
var udfs = map[string]udf{
	"ip_in_cidr":    {texts(2), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return ipInCIDR(str(a[0]), str(a[1])), nil }},
	"is_cidr":       {texts(1), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return isCIDR(str(a[0])), nil }},
	"is_ip":         {texts(1), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return parseIP(str(a[0])).IsValid(), nil }},
	"is_ipv4":       {texts(1), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return parseIP(str(a[0])).Is4(), nil }},
	"is_ipv6":       {texts(1), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return parseIP(str(a[0])).Is6(), nil }},
	"is_private_ip": {texts(1), driver.TYPE_BOOLEAN, func(a []sqldriver.Value) (any, error) { return isPrivate(str(a[0])), nil }},
	"url_part":      {texts(2), driver.TYPE_VARCHAR, func(a []sqldriver.Value) (any, error) { return urlPart(str(a[0]), str(a[1])), nil }},
	"url_parameter": {texts(2), driver.TYPE_VARCHAR, func(a []sqldriver.Value) (any, error) { return urlParameter(str(a[0]), str(a[1])), nil }},
	"mysql_parse":   {texts(2), driver.TYPE_TIMESTAMP, func(a []sqldriver.Value) (any, error) { return parseTime(mysqlPattern, str(a[0]), str(a[1])) }},
	"joda_parse":    {texts(2), driver.TYPE_TIMESTAMP, func(a []sqldriver.Value) (any, error) { return parseTime(jodaPattern, str(a[0]), str(a[1])) }},
	"mysql_format": {[]driver.Type{driver.TYPE_TIMESTAMP, driver.TYPE_VARCHAR}, driver.TYPE_VARCHAR,
		func(a []sqldriver.Value) (any, error) { return formatTime(mysqlPattern, a[0], str(a[1])) }},
	"joda_format": {[]driver.Type{driver.TYPE_TIMESTAMP, driver.TYPE_VARCHAR}, driver.TYPE_VARCHAR,
		func(a []sqldriver.Value) (any, error) { return formatTime(jodaPattern, a[0], str(a[1])) }},
}

func texts(n int) []driver.Type {
	t := make([]driver.Type, n)
	for i := range t {
		t[i] = driver.TYPE_VARCHAR
	}
	return t
}

func str(v sqldriver.Value) string {
	s, _ := v.(string)
	return s
}

// Config describes the function to the driver.
func (u udf) Config() driver.ScalarFuncConfig {
	var c driver.ScalarFuncConfig
	for _, t := range u.args {
		info, _ := driver.NewTypeInfo(t) // primitive types never fail
		c.InputTypeInfos = append(c.InputTypeInfos, info)
	}
	c.ResultTypeInfo, _ = driver.NewTypeInfo(u.result)
	return c
}

// Executor runs the function row by row. A panic would take the process down
// from inside a C++ thread, so it becomes an error.
func (u udf) Executor() driver.ScalarFuncExecutor {
	return driver.ScalarFuncExecutor{RowExecutor: func(args []sqldriver.Value) (out any, err error) {
		defer func() {
			if p := recover(); p != nil {
				out, err = nil, fmt.Errorf("internal error in a function: %v", p)
			}
		}()
		for _, a := range args {
			if a == nil {
				return nil, nil
			}
		}
		return u.run(args)
	}}
}

func registerFunctions(conn *sql.Conn) error {
	for _, name := range sortedKeys(udfs) {
		if err := driver.RegisterScalarUDF(conn, name, udfs[name]); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	return nil
}

// parseIP reads an address without zone; the zero Addr stands for text that is
// none. IPv4 in IPv6 becomes IPv4.
func parseIP(s string) netip.Addr {
	if len(s) > 45 || strings.IndexByte(s, '%') >= 0 {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// prefixes remembers parsed networks: queries ask the same few for every row.
var prefixes = newCache[netip.Prefix](4096)

func parseCIDR(s string) netip.Prefix {
	return prefixes.get(s, func() netip.Prefix {
		if len(s) > 49 {
			return netip.Prefix{}
		}
		if a := parseIP(s); a.IsValid() {
			return netip.PrefixFrom(a, a.BitLen())
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return netip.Prefix{}
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return p.Masked()
	})
}

// ipInCIDR is NULL when either text is not what it should be; a lone address
// counts as a network of one.
func ipInCIDR(ip, cidr string) any {
	a, p := parseIP(ip), parseCIDR(cidr)
	if !a.IsValid() || !p.IsValid() {
		return nil
	}
	return p.Contains(a)
}

func isCIDR(s string) bool {
	return strings.IndexByte(s, '/') >= 0 && parseCIDR(s).IsValid()
}

// isPrivate is true for addresses that are not routed in the internet: RFC 1918,
// RFC 4193, loopback, link-local and RFC 6598. It is NULL for other texts.
func isPrivate(s string) any {
	a := parseIP(s)
	if !a.IsValid() {
		return nil
	}
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() ||
		a.Is4() && sharedSpace.Contains(a)
}

var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func urlPart(s, part string) any {
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	switch part {
	case "protocol":
		return u.Scheme
	case "host":
		return u.Hostname()
	case "port":
		if _, err := strconv.ParseUint(u.Port(), 10, 16); err != nil {
			return nil
		}
		return u.Port()
	case "path":
		return u.Path
	case "query":
		return u.RawQuery
	case "fragment":
		return u.Fragment
	}
	return nil
}

func urlParameter(s, name string) any {
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	if v, ok := u.Query()[name]; ok {
		return v[0]
	}
	return nil
}

func formatTime(compile func(string) (*timePattern, error), v sqldriver.Value, pattern string) (any, error) {
	t, ok := v.(time.Time)
	if !ok {
		return nil, nil
	}
	p, err := compile(pattern)
	if err != nil {
		return nil, err
	}
	return p.format(t), nil
}

func parseTime(compile func(string) (*timePattern, error), s, pattern string) (any, error) {
	p, err := compile(pattern)
	if err != nil {
		return nil, err
	}
	return p.parse(s)
}

// cache is a small map that is emptied when it is full. It is safe for concurrent
// use.
type cache[V any] struct {
	mu  sync.RWMutex
	max int
	m   map[string]V
}

func newCache[V any](max int) *cache[V] { return &cache[V]{max: max, m: map[string]V{}} }

func (c *cache[V]) get(key string, make func() V) V {
	c.mu.RLock()
	v, ok := c.m[key]
	c.mu.RUnlock()
	if ok {
		return v
	}
	v = make()
	c.mu.Lock()
	if len(c.m) >= c.max {
		clear(c.m)
	}
	c.m[strings.Clone(key)] = v
	c.mu.Unlock()
	return v
}
