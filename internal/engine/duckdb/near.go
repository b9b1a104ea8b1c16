package duckdb

// nearest returns the name that is fewest edits from want, or "" when none is
// near enough to be a likely slip of the pen (a third of its length).
func nearest(want string, names []string) string {
	best, bestDist := "", len(want)/3+1
	for _, n := range names {
		if d := editDistance(want, lower(n), bestDist); d < bestDist || d == bestDist && best != "" && n < best {
			best, bestDist = n, d
		}
	}
	return best
}

// editDistance is Levenshtein's with a bound: results above it are bound+1.
func editDistance(a, b string, bound int) int {
	if len(a) > 64 || len(b) > 64 || len(a)-len(b) > bound || len(b)-len(a) > bound {
		return bound + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diag, row[j] = row[j], min(row[j]+1, row[j-1]+1, diag+cost)
		}
	}
	return row[len(b)]
}

// lower folds ASCII only, exactly as DuckDB compares identifiers. strings.ToLower
// would make the Kelvin sign a k and so call two names equal that DuckDB calls
// different.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
