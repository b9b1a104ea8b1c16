// Package all lists every log type of the catalogue.
package all

import (
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/alb"
	"ashiato/internal/logtype/cloudfront"
	"ashiato/internal/logtype/cloudtrail"
	"ashiato/internal/logtype/eksaudit"
	"ashiato/internal/logtype/guardduty"
	"ashiato/internal/logtype/linuxauth"
	"ashiato/internal/logtype/networkfirewall"
	"ashiato/internal/logtype/nginxaccess"
	"ashiato/internal/logtype/rdsmysql"
	"ashiato/internal/logtype/rdspostgresql"
	"ashiato/internal/logtype/route53resolver"
	"ashiato/internal/logtype/s3access"
	"ashiato/internal/logtype/securityhub"
	"ashiato/internal/logtype/vpcflow"
	"ashiato/internal/logtype/waf"
)

// Types returns the entries in order of recognition.
func Types() []logtype.Type {
	return []logtype.Type{
		cloudtrail.Type(),
		vpcflow.Type(),
		alb.Type(),
		cloudfront.Type(),
		s3access.Type(),
		nginxaccess.Type(),
		linuxauth.Type(),
		waf.Type(),
		route53resolver.Type(),
		networkfirewall.Type(),
		guardduty.Type(),
		securityhub.Type(),
		eksaudit.Type(),
		rdsmysql.Type(),
		rdspostgresql.Type(),
	}
}

// Catalog compiles the entries.
func Catalog() (*logtype.Catalog, error) { return logtype.NewCatalog(Types()) }
