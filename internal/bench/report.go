package bench

import (
	"fmt"
	"strings"
)

// Goal compares a figure with what it should be.
type Goal struct {
	What     string `json:"what"`
	Goal     string `json:"goal"`
	Measured string `json:"measured"`
	Met      bool   `json:"met"`
}

// rateGoals are events a second from gzip to searchable, one process.
var rateGoals = map[string]float64{"cloudtrail": 220_000, "vpcflow": 700_000, "alb": 250_000}

// goals compares with the figures of docs/PERFORMANCE.md.
func (r *IngestReport) goals() []Goal {
	var out []Goal
	least := func(what string, goal, got float64, unit string) {
		out = append(out, Goal{what, "at least " + human(goal) + unit, human(got) + unit, got >= goal})
	}
	most := func(what string, goal, got float64, format string) {
		out = append(out, Goal{what, "at most " + fmt.Sprintf(format, goal), fmt.Sprintf(format, got), got <= goal})
	}
	rate, size := rateGoals[r.Kind], 0.0
	switch {
	case r.Kind == "cloudtrail" && r.Hard:
		rate, size = 140_000, 0.55
	case r.Kind == "cloudtrail":
		size = 0.40
		most("CPU per 500,000 events", 5, r.Ingest.CPU*500_000/float64(r.Events), "%.2f s")
	case r.Kind == "vpcflow":
		size = 0.75
	}
	if rate > 0 {
		least("events a second, gzip to searchable", rate, r.Rate, "/s")
	}
	most("peak memory of taking in", 1024, float64(r.Ingest.PeakRSS)/(1<<20), "%.0f MiB")
	most("peak memory of compaction", 1024, float64(r.Compact.PeakRSS)/(1<<20), "%.0f MiB")
	if size > 0 {
		most("bytes on disk after compaction, of the gzip input", size, float64(r.After.Total())/float64(r.Gzip), "%.3f")
	}
	return out
}

// Rows returns the report as tab-separated lines.
func (r *IngestReport) Rows() []string {
	n := float64(r.Events)
	rows := []string{"STEP\tWALL s\tCPU s\tEVENTS/s\tPEAK MEMORY\tBYTES\tOF GZIP"}
	add := func(step string, c Cost, rss, size int64) {
		memory, bytes, ratio := "-", "-", "-"
		if rss > 0 {
			memory = fmt.Sprintf("%.0f MiB", float64(rss)/(1<<20))
		}
		if size > 0 {
			bytes, ratio = megabytes(size), fmt.Sprintf("%.3f", float64(size)/float64(r.Gzip))
		}
		rows = append(rows, fmt.Sprintf("%s\t%.2f\t%.2f\t%s\t%s\t%s\t%s", step, c.Wall, c.CPU, human(n/c.Wall), memory, bytes, ratio))
	}
	add("limit: gunzip", r.Limits.Gunzip, 0, r.Plain)
	add("limit: gunzip + parse", r.Limits.Parse, 0, 0)
	add("limit: gunzip + zstd -3", r.Limits.Zstd, 0, r.Limits.ZstdBytes)
	add("ingest, process", r.Ingest.Cost, r.Ingest.PeakRSS, r.Before.Total())
	add("compaction, process", r.Compact.Cost, r.Compact.PeakRSS, r.After.Total())
	disk := func(name string, d Disk) {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%d", name, megabytes(d.Total()), megabytes(d.Data), megabytes(d.Sidecars), megabytes(d.Catalog), megabytes(d.Other), d.Segments))
	}
	rows = append(rows, "", "DISK\tTOTAL\tDATA\tSIDE-CARS\tCATALOG\tOTHER\tSEGMENTS")
	disk("before compaction", r.Before)
	disk("after", r.After)
	return append(append(rows, ""), goalRows(r.Goals)...)
}

func goalRows(goals []Goal) []string {
	rows := []string{"GOAL\tWANTED\tMEASURED\t"}
	for _, g := range goals {
		met := "met"
		if !g.Met {
			met = "NOT MET"
		}
		rows = append(rows, strings.Join([]string{g.What, g.Goal, g.Measured, met}, "\t"))
	}
	return rows
}

// Head says what was measured on what.
func (r *IngestReport) Head() string {
	hard := ""
	if r.Hard {
		hard = " (hard)"
	}
	return fmt.Sprintf("%s%s: %s events in %d objects, %s plain, %s gzip\n%s\n", r.Kind, hard, human(float64(r.Events)), r.Objects, megabytes(r.Plain), megabytes(r.Gzip), r.Machine)
}

// human writes a number with thousands separated.
func human(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
