package rig

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Row is one line of a table: our figure beside the peer's. Ratio is ours / peer. Bar is what the ratio (or, without a
// peer, our figure) is held to; Better says in which direction ("lower" or "higher"). Note is free text.
type Row struct {
	Name   string   `json:"name"`
	Ours   *float64 `json:"ours"`
	Peer   *float64 `json:"peer"`
	Unit   string   `json:"unit"`
	Ratio  *float64 `json:"ratio"`
	Bar    *float64 `json:"bar"`
	Better string   `json:"better"`
	Of     string   `json:"of"` // what the bar bounds: "ratio" or "ours"
	Peers  string   `json:"against,omitempty"`
	Pass   *bool    `json:"pass"`
	Note   string   `json:"note,omitempty"`
}

// Bar is what a row is held to. The zero Bar holds it to nothing.
type Bar struct {
	Value  float64
	Of     string // "ratio", "ours"
	Higher bool
}

// Table collects rows and writes them.
type Table struct {
	Name    string         `json:"-"`
	Machine map[string]any `json:"machine"`
	Rows    []Row          `json:"rows"`
	Notes   []string       `json:"notes,omitempty"`
}

// NewTable describes the machine and the load on it before the run.
func NewTable(name string) *Table {
	m := map[string]any{"cpus": runtime.NumCPU(), "go": runtime.Version(), "os": runtime.GOOS + "/" + runtime.GOARCH, "at": time.Now().UTC().Format(time.RFC3339)}
	var u syscall.Utsname
	if syscall.Uname(&u) == nil {
		m["kernel"] = cString(u.Release[:])
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m["loadavg_before"] = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "model name"); ok {
				m["cpu"] = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
				break
			}
		}
	}
	return &Table{Name: name, Machine: m}
}

func cString[T int8 | uint8](b []T) string {
	var s strings.Builder
	for _, c := range b {
		if c == 0 {
			break
		}
		s.WriteByte(byte(c))
	}
	return s.String()
}

// Add appends a row. NaN means "not measured".
func (t *Table) Add(name string, ours, peer float64, unit string, bar Bar, note string) {
	r := Row{Name: name, Ours: number(ours), Peer: number(peer), Unit: unit, Better: "lower", Of: bar.Of, Note: note}
	if bar.Higher {
		r.Better = "higher"
	}
	if r.Ours != nil && r.Peer != nil && peer != 0 {
		r.Ratio = number(ours / peer)
	}
	if bar.Of != "" {
		r.Bar = number(bar.Value)
		got := r.Ours
		if bar.Of == "ratio" {
			got = r.Ratio
		}
		if got != nil {
			pass := *got <= bar.Value
			if bar.Higher {
				pass = *got >= bar.Value
			}
			r.Pass = &pass
		}
	}
	t.Rows = append(t.Rows, r)
}

func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	v = math.Round(v*1e4) / 1e4
	return &v
}

// Print writes the table to standard output.
func (t *Table) Print() {
	show := func(v *float64) string {
		if v == nil {
			return "–"
		}
		switch a := math.Abs(*v); {
		case a == math.Trunc(a) || a >= 1000:
			return fmt.Sprintf("%.0f", *v)
		case a >= 10:
			return fmt.Sprintf("%.1f", *v)
		}
		return fmt.Sprintf("%.3f", *v)
	}
	fmt.Printf("\n%-58s %10s %10s %-14s %8s %-18s %s\n", t.Name, "ours", "peer", "unit", "ratio", "bar", "")
	for _, r := range t.Rows {
		bar, mark := "", ""
		if r.Bar != nil {
			sign := "≤"
			if r.Better == "higher" {
				sign = "≥"
			}
			bar = r.Of + " " + sign + " " + show(r.Bar)
		}
		if r.Pass != nil {
			mark = map[bool]string{true: "ok", false: "MISSED"}[*r.Pass]
		}
		fmt.Printf("%-58s %10s %10s %-14s %8s %-18s %-6s %s\n", r.Name, show(r.Ours), show(r.Peer), r.Unit, show(r.Ratio), bar, mark, r.Note)
	}
	for _, n := range t.Notes {
		fmt.Println("  ", n)
	}
}

// Write saves bench/out/NAME.json below the repository's root.
func (t *Table) Write() error {
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		t.Machine["loadavg_after"] = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	dir := filepath.Join("bench", "out")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, t.Name+".json"), append(b, '\n'), 0o644)
}

// Median of some figures; NaN of none.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// Percentile of sorted figures, p in 0…1.
func Percentile[T int32 | int64 | float64](sorted []T, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return float64(sorted[min(len(sorted)-1, int(p*float64(len(sorted))))])
}
