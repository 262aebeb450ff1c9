package draft_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// BenchmarkEdit is one edit of one writer, from push to frame, with the commit on disk.
func BenchmarkEdit(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(writers, " writers"), func(b *testing.B) {
			d := dbtest.Open(b)
			ctx, cancel := context.WithCancel(context.Background())
			r := &rights{gone: map[string]bool{}}
			svc := draft.New(d, r, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
			wait := svc.Start(ctx)
			var id string
			err := d.Transact(ctx, func(tx *db.Tx) (err error) {
				id, err = draft.Create(ctx, tx, "ed_1", strings.Repeat("نصّ عربيّ طويل للقياس\n", 5000))
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			tabs := make([]*tab, writers)
			for i := range tabs {
				tabs[i] = openTab(b, svc, salma, id)
			}
			b.ResetTimer()
			b.ReportAllocs()
			var wg sync.WaitGroup
			for i, t := range tabs {
				wg.Go(func() {
					for n := i; n < b.N; n += writers {
						at := t.c.Doc.Len() / writers * i
						c, err := changeset.Replace(t.c.Doc.Len(), at, at, "م")
						if err == nil {
							err = t.c.Edit(c)
						}
						if err != nil {
							b.Error(err)
							return
						}
						t.settle(t.saved)
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			cancel()
			wait()
		})
	}
}
