// Package config is the hub's settings: one struct, filled from environment
// variables MULTAQA_…, which prints its own manual.
package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Config is read once at the start. Every field says its variable, its
// default and, in "doc", its meaning and unit.
type Config struct {
	Addr        string        `env:"MULTAQA_ADDR" default:"127.0.0.1:8080" doc:"address and port on which people reach the hub"`
	BaseURL     string        `env:"MULTAQA_BASE_URL" default:"http://localhost:8080" doc:"address people type; decides links, cookies (https: __Host- and Secure) and which origins may open a socket"`
	DebugAddr   string        `env:"MULTAQA_DEBUG_ADDR" default:"127.0.0.1:8081" doc:"address of metrics and debug pages; keep it private; 'off' to close it"`
	Data        string        `env:"MULTAQA_DATA" default:"data" doc:"directory of the SQLite database and of files"`
	DatabaseURL string        `env:"MULTAQA_DATABASE_URL" default:"" doc:"postgres://… ; empty: SQLite in the data directory" secret:"yes"`
	RedisURL    string        `env:"MULTAQA_REDIS_URL" default:"" doc:"redis://… carries hints between nodes; empty: one node" secret:"yes"`
	LogLevel    string        `env:"MULTAQA_LOG_LEVEL" default:"info" doc:"debug, info, warn or error"`
	DrainTime   time.Duration `env:"MULTAQA_DRAIN_TIME" default:"10s" doc:"how long a stop waits for open requests and sockets"`
	Proxies     string        `env:"MULTAQA_TRUSTED_PROXIES" default:"" doc:"comma-separated addresses or networks of proxies whose X-Forwarded-For is believed; empty: none"`
	TimeZone    string        `env:"MULTAQA_TIMEZONE" default:"Asia/Dubai" doc:"time zone in which the hub shows dates"`
}

// Load reads the environment.
func Load() (*Config, error) {
	c := &Config{}
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("env")
		raw, set := os.LookupEnv(name)
		if file, ok := os.LookupEnv(name + "_FILE"); ok && !set && f.Tag.Get("secret") != "" {
			b, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %w", name, err)
			}
			raw, set = strings.TrimSpace(string(b)), true
		}
		if !set {
			raw = f.Tag.Get("default")
		}
		switch p := v.Field(i).Addr().Interface().(type) {
		case *string:
			*p = raw
		case *time.Duration:
			d, err := time.ParseDuration(raw)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			*p = d
		}
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("MULTAQA_BASE_URL: %q is no http or https address", c.BaseURL)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("MULTAQA_BASE_URL: %q has more than a scheme, a name and a port; the hub wants a name of its own", c.BaseURL)
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, fmt.Errorf("MULTAQA_LOG_LEVEL: %q is none of debug, info, warn and error", c.LogLevel)
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		return nil, fmt.Errorf("MULTAQA_TIMEZONE: %w", err)
	}
	return c, nil
}

// Secure says whether people reach the hub over https.
func (c *Config) Secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// Describe prints every setting with its value, default and meaning. Secrets
// are shown as set or not set. Variables that look like settings and are none
// come last: most are misspelt.
func (c *Config) Describe(w io.Writer) {
	v := reflect.ValueOf(c).Elem()
	var known []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := fmt.Sprint(v.Field(i).Interface())
		if known = append(known, f.Tag.Get("env")); f.Tag.Get("secret") != "" {
			known = append(known, f.Tag.Get("env")+"_FILE")
		}
		if f.Tag.Get("secret") != "" && value != "" {
			value = "(set)"
		}
		fmt.Fprintf(w, "%s=%s\n    %s. Default: %q.", f.Tag.Get("env"), value, f.Tag.Get("doc"), f.Tag.Get("default"))
		if f.Tag.Get("secret") != "" {
			fmt.Fprintf(w, " Or name a file in %s_FILE.", f.Tag.Get("env"))
		}
		fmt.Fprint(w, "\n\n")
	}
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "MULTAQA_") && !slices.Contains(known, name) {
			fmt.Fprintf(w, "%s is set, and is no setting.\n", name)
		}
	}
}
