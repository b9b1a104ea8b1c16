// Package all lists every log type of the catalogue.
package all

import (
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/cloudtrail"
	"ashiato/internal/logtype/vpcflow"
)

// Types returns the entries in order of recognition.
func Types() []logtype.Type {
	return []logtype.Type{
		cloudtrail.Type(),
		vpcflow.Type(),
	}
}

// Catalog compiles the entries.
func Catalog() (*logtype.Catalog, error) { return logtype.NewCatalog(Types()) }
