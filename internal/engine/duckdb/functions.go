package duckdb

import (
	"strings"
	"sync"
)

// The functions users may call, reviewed against duckdb_functions() of DuckDB
// 1.5.5. Whatever is not here is refused: a new DuckDB cannot bring in a function
// that reads files. TestEveryFunctionKnown fails for names that do not exist.
// Left out on purpose are functions that read or write files, settings, variables
// or the catalog, that sleep, and those whose result or time grows out of
// proportion and cannot be interrupted (repeat, list_resize, bar, bitstring,
// equi_width_bins); see deniedWhy.
var functionFamilies = map[string]string{
	"operators": `% & && * ** + - ->> / // << <=> <@ >> @> ^ ^@ | || ~ ~~ ~~* ~~~ !~~ !~~* @ xor
		add subtract multiply divide not_like_escape like_escape ilike_escape not_ilike_escape`,
	"numbers": `abs acos acosh asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot
		degrees even exp factorial floor fdiv fmod gamma gcd greatest_common_divisor isfinite isinf isnan
		lcm least_common_multiple lgamma ln log log10 log2 mod nextafter pi pow power radians random round
		round_even roundbankers sign signbit sin sinh sqrt tan tanh trunc greatest least hash to_base bin hex unhex
		to_binary from_binary to_hex from_hex get_bit set_bit bit_position`,
	"text": `array_extract ascii bit_length octet_length char_length character_length chr concat concat_ws contains
		ends_with starts_with prefix suffix format printf instr position lcase lower ucase upper left left_grapheme right
		right_grapheme length length_grapheme len strlen lpad rpad ltrim rtrim trim nfc_normalize ord unicode
		parse_dirname parse_dirpath parse_filename parse_path replace reverse split split_part str_split
		string_split string_to_array str_split_regex string_split_regex strip_accents strpos substr substring
		substring_grapheme translate url_decode url_encode base64 to_base64 from_base64 encode decode
		md5 md5_number md5_number_lower md5_number_upper sha1 sha256 formatreadablesize format_bytes
		formatreadabledecimalsize parse_formatted_bytes regexp_escape regexp_extract regexp_extract_all regexp_full_match
		regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table levenshtein damerau_levenshtein
		hamming mismatches jaccard jaro_similarity jaro_winkler_similarity error`,
	"time": `age ago century current_date current_localtime current_localtimestamp get_current_time
		get_current_timestamp date_diff datediff date_part datepart date_sub datesub date_trunc datetrunc date_add
		day dayname dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era hour
		isodow isoyear julian last_day make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns
		make_timestamptz microsecond millennium millisecond minute month monthname nanosecond now quarter second
		strftime strptime try_strptime time_bucket timezone timezone_hour timezone_minute to_centuries to_days
		to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds
		to_timestamp to_weeks to_years today transaction_timestamp week weekday weekofyear year yearweek
		normalized_interval`,
	"lists, maps, structs": `aggregate apply filter reduce array_aggr array_aggregate array_append array_apply array_cat
		array_concat array_contains array_distinct array_filter array_grade_up array_has array_has_all array_has_any
		array_indexof array_intersect array_length array_pop_back array_pop_front array_position array_prepend
		array_push_back array_push_front array_reduce array_reverse array_reverse_sort array_select array_slice
		array_sort array_to_string array_transform array_unique array_value array_where array_zip
		cardinality element_at flatten generate_series range sequence grade_up list_aggr list_aggregate list_any_value
		list_append list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor
		list_bool_and list_bool_or list_cat list_concat list_contains list_count list_distinct list_element
		list_entropy list_extract list_filter list_first list_grade_up list_has list_has_all list_has_any
		list_histogram list_indexof list_intersect list_kurtosis list_last list_mad list_max list_median list_min
		list_mode list_pack list_position list_prepend list_product list_reduce list_reverse list_reverse_sort
		list_select list_sem list_skewness list_slice list_sort list_stddev_pop list_stddev_samp list_string_agg
		list_sum list_transform list_unique list_value list_var_pop list_var_samp list_where list_zip
		map map_concat map_contains map_contains_entry map_contains_value map_entries map_extract map_extract_value
		map_from_entries map_keys map_values row struct_concat struct_contains struct_extract struct_extract_at
		struct_has struct_indexof struct_insert struct_keys struct_pack struct_position struct_update struct_values
		union_extract union_tag union_value unnest unpivot_list`,
	"json": `array_to_json from_json from_json_strict json json_array json_array_length json_contains json_exists
		json_extract json_extract_path json_extract_path_text json_extract_string json_group_array
		json_group_object json_group_structure json_keys json_merge_patch json_object json_pretty json_quote
		json_structure json_transform json_transform_strict json_type json_valid json_value row_to_json to_json`,
	"other": `alias coalesce constant_or_null nullif typeof uuid uuidv4 uuidv7 gen_random_uuid uuid_extract_timestamp
		uuid_extract_version version grouping grouping_id replace_type`,
	"aggregates": `any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min
		arg_min_null argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if
		count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat
		histogram histogram_exact kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min
		min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept
		regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp string_agg sum
		sum_no_overflow sumkahan var_pop var_samp variance wavg weighted_avg`,
	"window": `cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense
		row_number`,
	"athena": athenaNames,
}

// limited are functions behind macros of ours with the same name (macros.go):
// a schema in front of them would reach the built-in.
var limited = set("range generate_series levenshtein damerau_levenshtein contains replace")

// deniedWhy explains the denials people meet.
var deniedWhy = func() map[string]string {
	m := map[string]string{}
	for why, names := range map[string]string{
		"files cannot be read by name; SHOW TABLES lists what is there": "read_text read_blob read_csv read_csv_auto read_json read_json_auto read_parquet parquet_scan parquet_metadata parquet_schema glob sniff_csv",
		"settings, variables and the environment cannot be read":        "getenv current_setting getvariable set_config current_schemas",
		"text cannot be repeated without bound; use lpad or rpad":       "repeat bar",
		"queries cannot be made from text":                              "query query_table json_execute_serialized_sql json_serialize_sql json_deserialize_sql",
		"queries cannot sleep":                                          "pg_sleep sleep_ms sleep",
		"lambda functions of Athena are spelled list_transform here":    "transform",
	} {
		for _, n := range strings.Fields(names) {
			m[n] = why
		}
	}
	return m
}()

var allowed = func() map[string]bool {
	m := map[string]bool{}
	for _, names := range functionFamilies {
		for n := range set(names) {
			m[n] = true
		}
	}
	return m
}()

// allowedNames lists the allowed functions by name.
var allowedNames = sync.OnceValue(func() []string { return sortedKeys(allowed) })

// FunctionNames lists the functions that users may call, by family. The map is
// the caller's.
func FunctionNames() map[string][]string {
	out := map[string][]string{}
	for family, names := range functionFamilies {
		out[family] = sortedKeys(set(names))
	}
	return out
}
