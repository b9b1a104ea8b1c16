package accesslog

import "testing"

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"curl/8.9.1": "curl/8.9.1", "Mozilla/5.0%20(X11)": "Mozilla/5.0 (X11)", "a%2520b": "a b", "100%": "100%", "%zz%2": "%zz%2",
		"%E6%9D%B1": "東", "a%20b%2520c": "a b%20c", "": "",
	} {
		if got := Unescape(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
