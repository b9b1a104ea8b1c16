package bench

import (
	"fmt"
	"math/bits"
	"time"
)

// world is the invented company whose logs are made. It is read-only once built.
type world struct {
	seed uint64
	n    int64 // records of the run
	hard bool

	accounts, regions        []string
	accountSkew, regionSkew  zipf
	public                   []string // addresses
	publicSkew               zipf
	users, roles             []string
	buckets, keys            []string
	functions, groups        []string
	secrets, policies        []string
	userSkew, roleSkew       zipf
	bucketSkew               zipf
	thing100, thing12, agent zipf
	curve                    curve
}

// start is when the made fortnight begins, a Monday.
var start = time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)

const days = 14

// The numbers that AWS's documentation uses.
var accounts = []string{"111122223333", "444455556666", "123456789012", "777788889999", "111111111111", "222222222222"}

var regions = []string{"us-east-1", "ap-northeast-1", "eu-west-1", "us-west-2", "eu-central-1"}

var zones = []string{"use1", "apne1", "euw1", "usw2", "euc1"}

func newWorld(seed uint64, n int64, hard bool) *world {
	w := &world{seed: seed, n: n, hard: hard, accounts: accounts, regions: regions,
		accountSkew: newZipf(len(accounts)), regionSkew: weighted([]int{50, 26, 12, 8, 4}),
		userSkew: newZipf(48), roleSkew: newZipf(len(roleOf)*len(roleDoes) - 1), bucketSkew: newZipf(60),
		publicSkew: newZipf(6000), thing100: newZipf(100), thing12: newZipf(12), agent: newZipf(len(agents)), curve: newCurve(n)}
	for i := range 6000 {
		h := mixAll(seed, 1, uint64(i))
		w.public = append(w.public, fmt.Sprintf("198.18.%d.%d", h>>8&255, h>>16&255))
	}
	for i := range 48 {
		w.users = append(w.users, firstNames[i%len(firstNames)]+"."+lastNames[(i*7+i/len(firstNames))%len(lastNames)])
	}
	for i := range len(roleOf) * len(roleDoes) {
		w.roles = append(w.roles, roleOf[i%len(roleOf)]+"-"+roleDoes[(i/len(roleOf)+i)%len(roleDoes)])
	}
	for i := range 60 {
		w.buckets = append(w.buckets, "tanuki-"+roleOf[i%len(roleOf)]+"-"+stores[(i/3+i)%len(stores)]+"-"+[]string{"prod", "stage", "dev"}[i%3])
	}
	for i := range 60 * keysPerBucket {
		h := mixAll(seed, 2, uint64(i))
		w.keys = append(w.keys, fmt.Sprintf("%s/year=2026/month=%02d/day=%02d/part-%05d.%s", stores[h%uint64(len(stores))], 1+h>>8%9, 1+h>>16%28, h>>24%100_000,
			[]string{"parquet", "json.gz", "csv", "log"}[h>>48&3]))
	}
	for i := range 100 {
		w.functions = append(w.functions, roleOf[i%len(roleOf)]+"-"+functionDoes[(i/len(roleOf)+i)%len(functionDoes)])
		w.groups = append(w.groups, "/aws/lambda/"+w.functions[i])
		w.secrets = append(w.secrets, "prod/"+roleOf[i%len(roleOf)]+"/"+[]string{"db-password", "api-key", "oauth-client", "tls-key", "webhook"}[i/len(roleOf)%5])
		w.policies = append(w.policies, "tanuki-"+roleOf[i%len(roleOf)]+"-"+[]string{"read", "write", "admin", "boundary"}[i%4])
	}
	return w
}

// place draws the account and region of an object.
func (w *world) place(r rnd) (account, region int) {
	return w.accountSkew.draw(r), w.regionSkew.draw(r)
}

// curve turns the number of a record into a time so that days and nights, weekdays and weekends differ.
type curve struct {
	n   int64
	sum []uint64 // weights up to each hour
}

// hourly is how busy an hour of the day is (UTC), in percent of the busiest.
var hourly = [24]int{22, 18, 16, 15, 16, 20, 31, 48, 70, 88, 97, 100, 92, 95, 99, 96, 90, 81, 66, 54, 46, 39, 33, 27}

// weekly is the same for the days, Monday first.
var weekly = [7]int{96, 100, 99, 97, 88, 35, 30}

func newCurve(n int64) curve {
	c := curve{n: n, sum: []uint64{0}}
	for h := range 24 * days {
		c.sum = append(c.sum, c.sum[h]+uint64(hourly[h%24]*weekly[h/24%7]))
	}
	return c
}

const hourMillis = 3_600_000

// at returns the time of record i, ms since 1970, ascending in i; part (of 1<<16) is a place between i and i+1.
func (c curve) at(i int64, part int) int64 {
	total := c.sum[len(c.sum)-1] * hourMillis
	hi, lo := bits.Mul64(total, uint64(i)<<16|uint64(part))
	pos, _ := bits.Div64(hi, lo, uint64(c.n)<<16)
	a, b := 0, len(c.sum)-2
	for a < b {
		m := (a + b + 1) / 2
		if c.sum[m]*hourMillis <= pos {
			a = m
		} else {
			b = m - 1
		}
	}
	inHour := (pos - c.sum[a]*hourMillis) / (c.sum[a+1] - c.sum[a])
	return start.UnixMilli() + int64(a)*hourMillis + int64(min(inHour, hourMillis-1))
}

// draw returns the time of record i.
func (c curve) draw(r rnd, i int64) int64 { return c.at(i, r.n(1<<16)) }

func appendSeconds(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
}

var (
	firstNames   = []string{"aiko", "ben", "carla", "daichi", "elena", "farid", "grace", "haruka", "ivan", "jun", "kenji", "lucia", "maya", "nils", "olga", "priya"}
	lastNames    = []string{"abe", "berg", "costa", "doi", "endo", "fischer", "goto", "hansen", "ito", "jansen", "kato", "lopez", "mori"}
	roleOf       = []string{"app", "ci", "data", "ops", "web", "net", "sec", "batch", "etl", "ml"}
	roleDoes     = []string{"runner", "reader", "deploy", "node", "writer", "admin", "backup", "audit", "scanner", "lambda"}
	functionDoes = []string{"resize-images", "ingest-orders", "notify", "rotate-keys", "export-report", "sync-catalog", "score", "cleanup", "authorize", "webhook"}
	stores       = []string{"orders", "invoices", "exports", "raw-events", "backups", "models", "images", "audit-logs", "artifacts", "payroll"}
)

var agents = []string{
	"aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24.2 md/GOOS#linux md/GOARCH#amd64 api/s3#1.79.0 ua/2.1 m/E,g",
	"Boto3/1.35.41 md/Botocore#1.35.41 ua/2.0 os/linux#6.1.112 md/arch#x86_64 lang/python#3.11.10",
	"aws-sdk-java/2.29.15 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.226 lang/java#17.0.13",
	"APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.73.0 aws-sdk-go-v2/1.32.2 ua/2.1 os/linux lang/go#1.23.2",
	"aws-cli/2.18.13 md/awscrt#0.22.0 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.12.6",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
	"aws-sdk-js/3.675.0 ua/2.1 os/linux#5.10.226 lang/js md/nodejs#20.18.0 api/lambda#3.675.0 exec-env/AWS_Lambda_nodejs20.x",
	"kube-controller-manager/v1.30.4 aws-sdk-go/1.55.5 (go1.22.5; linux; amd64) karpenter.sh-1.0.6",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
	"eksctl/0.193.0 aws-sdk-go-v2/1.32.2 os/linux lang/go#1.23.1",
	"S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.225",
	"rclone/v1.68.1",
}
