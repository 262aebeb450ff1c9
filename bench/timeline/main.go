// Command timeline writes a network with one long-written draft into a directory, for frontend/scripts/time-slider.mjs.
//
//	go run ./bench/timeline -dir DIR [-updates 100000]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
)

func main() {
	dir := flag.String("dir", "", "an empty directory for the hub's data")
	updates := flag.Int("updates", 100_000, "edits of the draft")
	flag.Parse()
	began := time.Now()
	var text strings.Builder
	for i := 1; text.Len() < 100_000; i++ {
		fmt.Fprintf(&text, "## القسم %d\n\n%s\n\n", i, strings.TrimSpace(strings.Repeat("تلتزم الجهة بإعلان مدّة الخدمة وتُراجَع كل ستة أشهر مع الشركاء ", 8)))
	}
	// Ten tabs of one writer: whose an update is makes no difference to where the time goes.
	if _, err := rig.Sow(context.Background(), *dir, "", rig.Seed{Docs: 1, Editors: 1, Text: text.String(), Edits: *updates, Runs: true}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d updates in %.0f s\n", *updates, time.Since(began).Seconds())
}
