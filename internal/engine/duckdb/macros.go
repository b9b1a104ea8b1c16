package duckdb

// athenaNames are the functions that macros and udf.go add: Presto and Athena
// names that published queries use, and address functions. A full translation of
// the dialect (functions with lambdas in another order, IPADDRESS) is another
// package's job.
const athenaNames = `approx_distinct approx_percentile array_join array_max array_min array_union array_except
	array_remove arrays_overlap at_timezone bool_every every cidr_contains codepoint date date_format date_parse
	day_of_month day_of_week day_of_year element_at format_datetime from_iso8601_date from_iso8601_timestamp
	from_unixtime from_utf8 ip_in_cidr is_ip is_ipv4 is_ipv6 is_private_ip json_extract_scalar json_format
	json_parse json_size levenshtein_distance map_agg parse_datetime regexp_like regexp_count slice
	to_iso8601 to_milliseconds to_unixtime to_utf8 url_extract_fragment url_extract_host url_extract_parameter
	url_extract_path url_extract_port url_extract_protocol url_extract_query week_of_year year_of_week`

// maxListText is the longest list that range and generate_series make in an
// expression, where DuckDB can be neither interrupted nor limited in memory.
// In FROM they are limited by check_from.go instead.
const maxListText = "100000"

// macros run before the instance is locked. A macro with the name of a built-in
// hides it for users (functions.go lists those as limited, so that a schema cannot
// bring the built-in back).
//
// Times come back as TIMESTAMP: a column compared with TIMESTAMP WITH TIME ZONE is
// cast row by row and prunes nothing, the other way round costs nothing.
var macros = []string{
	// Limits.
	tooLong("range"), tooLong("generate_series"),
	`CREATE MACRO sequence
		(a BIGINT, b BIGINT) AS generate_series(a, b),
		(a BIGINT, b BIGINT, s BIGINT) AS generate_series(a, b, s),
		(a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS generate_series(a, b, s)`,
	`CREATE MACRO levenshtein(a, b) AS system.main.levenshtein(left(a, 255), left(b, 255))`,
	`CREATE MACRO damerau_levenshtein(a, b) AS system.main.damerau_levenshtein(left(a, 255), left(b, 255))`,
	`CREATE MACRO replace(s, a, b) AS system.main.replace(s, a, CASE WHEN strlen(b) > strlen(a) AND strlen(s) * strlen(b) > 67108864
		THEN error('replace makes a text that is too long') ELSE b END)`,
	`CREATE MACRO levenshtein_distance(a, b) AS system.main.levenshtein(left(a, 255), left(b, 255))`,

	// Addresses. contains of two texts is Athena's contains(network, address) when
	// they look like that, and a search in text otherwise. With a constant address
	// or network DuckDB folds the question away.
	`CREATE MACRO contains
		(a VARCHAR, b VARCHAR) AS CASE WHEN is_cidr(a) AND is_ip(b) THEN ip_in_cidr(b, a) ELSE system.main.contains(a, b) END,
		(a, b) AS system.main.list_contains(a, b)`,
	`CREATE MACRO cidr_contains(cidr, ip) AS ip_in_cidr(ip, cidr)`,

	// Time.
	`CREATE MACRO from_iso8601_timestamp(s) AS CAST(CAST(s AS TIMESTAMPTZ) AS TIMESTAMP)`,
	`CREATE MACRO from_iso8601_date(s) AS CAST(s AS DATE)`,
	`CREATE MACRO to_iso8601(t) AS strftime(CAST(t AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ')`,
	`CREATE MACRO from_unixtime
		(n) AS make_timestamp(CAST(round(CAST(n AS DOUBLE) * 1e6) AS BIGINT)),
		(n, zone) AS timezone(zone, to_timestamp(CAST(n AS DOUBLE)))`,
	`CREATE MACRO to_unixtime(t) AS epoch(CAST(t AS TIMESTAMP))`,
	`CREATE MACRO to_milliseconds(i INTERVAL) AS epoch_ms(i), (n) AS system.main.to_milliseconds(n)`,
	`CREATE MACRO at_timezone(t, zone) AS timezone(zone, CAST(t AS TIMESTAMPTZ))`,
	`CREATE MACRO date_parse(s, f) AS mysql_parse(CAST(s AS VARCHAR), f)`,
	`CREATE MACRO date_format(t, f) AS mysql_format(CAST(t AS TIMESTAMP), f)`,
	`CREATE MACRO parse_datetime(s, f) AS joda_parse(CAST(s AS VARCHAR), f)`,
	`CREATE MACRO format_datetime(t, f) AS joda_format(CAST(t AS TIMESTAMP), f)`,
	`CREATE MACRO date_add
		(d, i) AS d + i,
		(unit, n, t) AS t + CASE lower(unit)
			WHEN 'millisecond' THEN system.main.to_milliseconds(n) WHEN 'second' THEN to_seconds(n)
			WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER))
			WHEN 'week' THEN to_weeks(CAST(n AS INTEGER)) WHEN 'month' THEN to_months(CAST(n AS INTEGER))
			WHEN 'quarter' THEN to_quarters(CAST(n AS INTEGER)) WHEN 'year' THEN to_years(CAST(n AS INTEGER))
			ELSE error('date_add does not know the unit ' || unit) END`,
	`CREATE MACRO day_of_week(t) AS isodow(t)`,
	`CREATE MACRO day_of_month(t) AS day(t)`,
	`CREATE MACRO day_of_year(t) AS dayofyear(t)`,
	`CREATE MACRO week_of_year(t) AS week(t)`,
	`CREATE MACRO year_of_week(t) AS isoyear(t)`,

	// JSON.
	`CREATE MACRO json_parse(s) AS CAST(s AS JSON)`,
	`CREATE MACRO json_format(j) AS CAST(j AS VARCHAR)`,
	`CREATE MACRO json_extract_scalar(j, p) AS CASE WHEN json_type(j, p) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, p) END`,
	`CREATE MACRO json_size(j, p) AS CASE json_type(j, p) WHEN 'ARRAY' THEN json_array_length(j, p) WHEN 'OBJECT' THEN len(json_keys(j, p)) ELSE 0 END`,

	// Aggregates.
	`CREATE MACRO approx_distinct(x) AS approx_count_distinct(x), (x, e) AS approx_count_distinct(x)`,
	`CREATE MACRO approx_percentile(x, p) AS approx_quantile(x, p)`,
	`CREATE MACRO map_agg(k, v) AS map(list(k), list(v))`,
	`CREATE MACRO every(x) AS bool_and(x)`,
	`CREATE MACRO bool_every(x) AS bool_and(x)`,

	// Lists and maps.
	`CREATE MACRO element_at(c, k) AS c[k]`,
	`CREATE MACRO cardinality(c MAP(VARCHAR, VARCHAR)) AS system.main.cardinality(c), (c) AS len(c)`,
	`CREATE MACRO array_join
		(l, sep) AS array_to_string(CAST(l AS VARCHAR[]), sep),
		(l, sep, nil) AS array_to_string(list_transform(CAST(l AS VARCHAR[]), lambda x: coalesce(x, nil)), sep)`,
	`CREATE MACRO array_max(l) AS list_max(l)`,
	`CREATE MACRO array_min(l) AS list_min(l)`,
	`CREATE MACRO array_union(a, b) AS list_distinct(list_concat(a, b))`,
	`CREATE MACRO array_except(a, b) AS list_distinct(list_filter(a, lambda x: NOT coalesce(list_contains(b, x), false)))`,
	`CREATE MACRO array_remove(l, x) AS list_filter(l, lambda y: y <> x)`,
	`CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b)`,
	`CREATE MACRO slice(l, a, n) AS l[a:a + n - 1]`,

	// Text.
	`CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p)`,
	`CREATE MACRO regexp_count(s, p) AS len(regexp_extract_all(s, p))`,
	`CREATE MACRO codepoint(s) AS unicode(s)`,
	`CREATE MACRO to_utf8(s) AS encode(s)`,
	`CREATE MACRO from_utf8(b) AS decode(b)`,
	`CREATE MACRO url_extract_protocol(u) AS url_part(u, 'protocol')`,
	`CREATE MACRO url_extract_host(u) AS url_part(u, 'host')`,
	`CREATE MACRO url_extract_port(u) AS CAST(url_part(u, 'port') AS BIGINT)`,
	`CREATE MACRO url_extract_path(u) AS url_part(u, 'path')`,
	`CREATE MACRO url_extract_query(u) AS url_part(u, 'query')`,
	`CREATE MACRO url_extract_fragment(u) AS url_part(u, 'fragment')`,
	`CREATE MACRO url_extract_parameter(u, name) AS url_parameter(u, name)`,
}

// tooLong hides a list generator behind one that fails for long lists.
func tooLong(name string) string {
	check := func(cond string) string {
		return "CASE WHEN " + cond + " THEN error('" + name + " makes a list that is too long, at most " + maxListText + "; use it in FROM') ELSE b END"
	}
	builtin := "system.main." + name
	return `CREATE MACRO ` + name + `
		(b BIGINT) AS ` + builtin + `(` + check("b > "+maxListText) + `),
		(a BIGINT, b BIGINT) AS ` + builtin + `(a, ` + check("b::HUGEINT - a > "+maxListText) + `),
		(a BIGINT, b BIGINT, s BIGINT) AS ` + builtin + `(a, ` + check("abs(b::HUGEINT - a) > "+maxListText+" * abs(s::HUGEINT)") + `, s),
		(a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS ` + builtin + `(a, ` + check("abs(epoch(b) - epoch(a)) > "+maxListText+" * abs(epoch(s))") + `, s)`
}
