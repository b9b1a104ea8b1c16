package event

import (
	"bytes"
	"fmt"
	"strconv"
)

// AppendText appends a text value as the format says.
func AppendText(dst, v []byte, f Format) []byte {
	switch f {
	case JSONEscape:
		return AppendJSONEscaped(dst, v)
	case SQLEscape:
		return AppendSQLEscaped(dst, v)
	case CSVEscape:
		return AppendCSVEscaped(dst, v)
	}
	return append(dst, v...)
}

// AppendInt appends an Int, or a Time in a format.
func AppendInt(dst []byte, v int64, k Kind, f Format) []byte {
	if k == Time {
		return AppendTime(dst, v, f)
	}
	return strconv.AppendInt(dst, v, 10)
}

// AppendFloat appends a number with as many decimals as the format says.
func AppendFloat(dst []byte, v float64, f Format) []byte {
	return strconv.AppendFloat(dst, v, 'f', int(f), 64)
}

// Rebuild appends the record that a skeleton stands for; value appends the text of a column of this
// row in a format. It is the reader's side of Row.Commit.
func Rebuild(dst, skeleton []byte, value func(dst []byte, col int, f Format) ([]byte, error)) ([]byte, error) {
	for {
		i := bytes.IndexByte(skeleton, Mark)
		if i < 0 {
			return append(dst, skeleton...), nil
		}
		if i+2 >= len(skeleton) || skeleton[i+1] == 0 || skeleton[i+2] == 0 {
			return dst, fmt.Errorf("bad marker in skeleton")
		}
		dst = append(dst, skeleton[:i]...)
		var err error
		if dst, err = value(dst, int(skeleton[i+1])-1, Format(skeleton[i+2]-1)); err != nil {
			return dst, err
		}
		skeleton = skeleton[i+3:]
	}
}
