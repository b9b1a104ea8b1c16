// Package sqltext says what an SQL statement does in ECS terms, from its first words: the database
// log types share it.
package sqltext

// Classify returns the ECS categories and types of a statement, both empty when it is none that is
// known. Statements may be of any length: only the start is looked at.
func Classify(statement []byte) (categories, types []string) {
	first, n, rest := word(statement)
	k, ok := verbs[string(first[:n])]
	if !ok {
		return nil, nil
	}
	second, n, _ := word(rest)
	if accounts[string(second[:n])] && (k == creation || k == change || k == deletion) {
		return databaseAndIAM, ofAccounts[k]
	}
	if k == grants {
		return databaseAndIAM, ofAccounts[change]
	}
	return database, ofData[k]
}

var (
	database       = []string{"database"}
	databaseAndIAM = []string{"database", "iam"}
	ofAccounts     = [...][]string{change: {"change", "user"}, creation: {"creation", "user"}, deletion: {"deletion", "user"}}
	ofData         = [...][]string{access: {"access"}, change: {"change"}, creation: {"creation"}, deletion: {"deletion"}, info: {"info"}}
)

type kind int

const (
	access kind = iota
	change
	creation
	deletion
	info
	grants
)

var accounts = map[string]bool{"USER": true, "ROLE": true, "GROUP": true}

var verbs = map[string]kind{
	"SELECT": access, "SHOW": access, "DESCRIBE": access, "DESC": access, "EXPLAIN": access, "TABLE": access, "VALUES": access, "FETCH": access,
	"DECLARE": access, "WITH": access, "COPY": access, "HANDLER": access,
	"INSERT": change, "UPDATE": change, "DELETE": change, "REPLACE": change, "MERGE": change, "LOAD": change, "ALTER": change, "RENAME": change,
	"CALL": change, "DO": change, "COMMENT": change, "REINDEX": change, "CLUSTER": change, "OPTIMIZE": change, "REFRESH": change,
	"CREATE": creation, "DROP": deletion, "TRUNCATE": deletion, "GRANT": grants, "REVOKE": grants, "REASSIGN": grants,
	"SET": info, "RESET": info, "BEGIN": info, "START": info, "COMMIT": info, "ROLLBACK": info, "SAVEPOINT": info, "RELEASE": info, "USE": info,
	"LOCK": info, "UNLOCK": info, "ANALYZE": info, "VACUUM": info, "CHECK": info, "FLUSH": info, "KILL": info, "PREPARE": info, "EXECUTE": info,
	"DEALLOCATE": info, "LISTEN": info, "NOTIFY": info, "DISCARD": info, "CHECKPOINT": info, "END": info, "ABORT": info, "CLOSE": info, "MOVE": info,
}

// word returns the first n letters of s in upper case, after blanks, brackets and comments, and the rest.
func word(s []byte) (upper [16]byte, n int, rest []byte) {
	i := 0
	for i < len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ';':
			i++
			continue
		case c == '/' && i+1 < len(s) && s[i+1] == '*':
			end := i + 2
			for end+1 < len(s) && !(s[end] == '*' && s[end+1] == '/') {
				end++
			}
			i = min(end+2, len(s))
			continue
		case c == '-' && i+1 < len(s) && s[i+1] == '-', c == '#':
			for i < len(s) && s[i] != '\n' {
				i++
			}
			continue
		}
		break
	}
	for i < len(s) && n < len(upper) && (s[i]|0x20) >= 'a' && (s[i]|0x20) <= 'z' {
		upper[n] = s[i] &^ 0x20
		n++
		i++
	}
	return upper, n, s[i:]
}
