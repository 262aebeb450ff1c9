package bus_test

import (
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
	bustest.Exercise(t, func(t *testing.T) (bus.Bus, bus.Bus) {
		ends := bustest.Redis(t)
		return ends[0], ends[1]
	})
}
