package sqltext

import (
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for statement, want := range map[string]string{
		"SELECT 1": "database access", "  (select 1)": "database access", "/* app */ -- x\n insert into t values (1)": "database change",
		"# c\ndelete from t": "database change", "CREATE TABLE t (a int)": "database creation", "create user bob": "database,iam creation,user",
		"ALTER ROLE bob SUPERUSER": "database,iam change,user", "DROP USER bob": "database,iam deletion,user", "drop table t": "database deletion",
		"GRANT ALL ON *.* TO bob": "database,iam change,user", "SET NAMES utf8": "database info", "": " ", "/* not closed": " ", "bogus words": " ",
		"selectaverylongwordindeed": " ", "SELECT": "database access", "create": "database creation",
	} {
		c, k := Classify([]byte(statement))
		if got := strings.Join(c, ",") + " " + strings.Join(k, ","); got != want {
			t.Errorf("%q: %q, want %q", statement, got, want)
		}
	}
}
