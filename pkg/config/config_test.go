package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// alone clears the settings of whoever runs the tests.
func alone(t *testing.T) {
	t.Helper()
	for _, e := range os.Environ() {
		if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "MULTAQA_") {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, value) })
		}
	}
}

// The operator's interface is fixed: where a hub is reached, and that its metrics are not.
func TestDefaults(t *testing.T) {
	alone(t)
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.BaseURL != "http://localhost:8080" || !strings.HasPrefix(c.DebugAddr, "127.0.0.1:") || c.DatabaseURL != "" || c.RedisURL != "" || c.Secure() {
		t.Errorf("%+v", c)
	}
}

func TestWhatCannotBeIsRefusedByName(t *testing.T) {
	for _, c := range [][2]string{
		{"MULTAQA_BASE_URL", "hub.example.gov"}, {"MULTAQA_BASE_URL", "https://example.gov/hub"}, {"MULTAQA_DRAIN_TIME", "ten seconds"}, {"MULTAQA_LOG_LEVEL", "loud"},
		{"MULTAQA_TIMEZONE", "Asia/Atlantis"}, {"MULTAQA_DATABASE_URL_FILE", filepath.Join(t.TempDir(), "absent")},
	} {
		name, value := c[0], c[1]
		t.Run(name, func(t *testing.T) {
			alone(t)
			t.Setenv(name, value)
			if _, err := Load(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v", name, value, err)
			}
		})
	}
}

func TestSecretsComeFromFilesAndAreNotShown(t *testing.T) {
	alone(t)
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte("postgres://hub:hidden@db/hub\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MULTAQA_DATABASE_URL_FILE", file)
	t.Setenv("MULTAQA_REDIS_URL", "redis://:hidden@cache/0")
	t.Setenv("MULTAQA_BASE_URL", "https://hub.example.gov/")
	c, err := Load()
	if err != nil || c.DatabaseURL != "postgres://hub:hidden@db/hub" || c.BaseURL != "https://hub.example.gov" || !c.Secure() {
		t.Fatalf("%+v %v", c, err)
	}
	t.Setenv("MULTAQA_BASEURL", "misspelt")
	var out bytes.Buffer
	c.Describe(&out)
	if said := out.String(); strings.Contains(said, "hidden") || !strings.Contains(said, "MULTAQA_DATABASE_URL=(set)") || !strings.Contains(said, "MULTAQA_BASE_URL=https://hub.example.gov\n") || !strings.Contains(said, "MULTAQA_BASEURL is set, and is no setting.") {
		t.Error(said)
	}
}
