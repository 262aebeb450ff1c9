package bus_test

import (
	"log/slog"
	"os"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/bus/bustest"
)

func TestMemory(t *testing.T) {
	bustest.Exercise(t, func(t *testing.T) (bus.Bus, bus.Bus) {
		m := bus.NewMemory()
		t.Cleanup(func() { m.Close() })
		return m, m
	})
}

func TestRedis(t *testing.T) {
	url := os.Getenv("MULTAQA_TEST_REDIS")
	if url == "" {
		t.Skip("MULTAQA_TEST_REDIS names no server; `make test` starts one")
	}
	bustest.Exercise(t, func(t *testing.T) (bus.Bus, bus.Bus) {
		ends := make([]bus.Bus, 2)
		for i, node := range []string{"n1", "n2"} {
			r, err := bus.NewRedis(url, node, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { r.Close() })
			ends[i] = r
		}
		return ends[0], ends[1]
	})
}
