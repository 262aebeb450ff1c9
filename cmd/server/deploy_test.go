package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/multaqa/multaqa/pkg/config"
)

// A container engine is not at hand where the tests run, so the image is not built here. What the Dockerfile, compose.yaml and the proxy's file say is
// held against the program: what they copy is all it is built from, and the settings, commands and addresses they name are there.

const root = "../.."

// instructions are a Dockerfile's, each on one line.
func instructions(t *testing.T) (all [][]string) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")) {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "#") {
			all = append(all, f)
		}
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The program is built from nothing but what its stage copies, without what .dockerignore keeps out.
func TestTheImageIsBuiltFromWhatItCopies(t *testing.T) {
	dir, stage, ignored := t.TempDir(), "", 0
	for _, in := range instructions(t) {
		switch {
		case in[0] == "FROM":
			stage = in[len(in)-1]
		case in[0] == "COPY" && !strings.HasPrefix(in[1], "--from"):
			for _, src := range in[1 : len(in)-1] {
				if _, err := os.Stat(filepath.Join(root, src)); err != nil {
					t.Errorf("COPY %s: %v", src, err)
				}
				if stage != "program" || strings.HasPrefix(src, "go.") {
					continue
				}
				to := filepath.Join(dir, in[len(in)-1])
				if st, _ := os.Stat(filepath.Join(root, src)); st != nil && !st.IsDir() {
					put(t, filepath.Join(to, path.Base(src)), read(t, src))
					continue
				}
				err := filepath.WalkDir(filepath.Join(root, src), func(at string, e fs.DirEntry, err error) error {
					if err != nil || e.IsDir() {
						if err == nil && e.Name() == "testdata" {
							ignored++
							return fs.SkipDir
						}
						return err
					}
					if strings.HasSuffix(at, "_test.go") {
						ignored++
						return nil
					}
					rel, _ := filepath.Rel(filepath.Join(root, src), at)
					b, err := os.ReadFile(at)
					put(t, filepath.Join(to, rel), string(b))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	ignore := read(t, ".dockerignore")
	for _, line := range []string{"!cmd", "!pkg", "!frontend", "!go.mod", "!go.sum", "frontend/node_modules", "frontend/dist", "**/*_test.go", "**/testdata"} {
		if !slices.Contains(strings.Split(strings.TrimSpace(ignore), "\n"), line) {
			t.Errorf(".dockerignore has no line %s, which this test builds by", line)
		}
	}
	put(t, filepath.Join(dir, "go.mod"), read(t, "go.mod"))
	put(t, filepath.Join(dir, "go.sum"), read(t, "go.sum"))
	put(t, filepath.Join(dir, "frontend", "dist", "index.html"), "from the stage before")
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "nomsgpack", "./cmd/server") // fails for a package or an embedded file that is missing
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil || ignored == 0 {
		t.Errorf("%v, %d files left out\n%s", err, ignored, out)
	}
	make := read(t, "Makefile")
	flags := regexp.MustCompile(`(?m)^LDFLAGS = (.*)$`).FindStringSubmatch(make)
	if len(flags) == 0 || !strings.Contains(read(t, "Dockerfile"), "-ldflags='"+flags[1]+"'") || !strings.Contains(make, "-tags=nomsgpack") {
		t.Error("the Dockerfile does not build as the Makefile does")
	}
	if !strings.Contains(read(t, "frontend/package.json"), `"build":`) {
		t.Error("the front end has no script build")
	}
}

func TestTheContainersNameWhatIsThere(t *testing.T) {
	settings, secret := map[string]bool{}, map[string]bool{}
	for f := range reflect.TypeFor[config.Config]().Fields() {
		settings[f.Tag.Get("env")] = true
		if f.Tag.Get("secret") != "" {
			secret[f.Tag.Get("env")+"_FILE"] = true
		}
	}
	known := func(where, name string) {
		t.Helper()
		if strings.HasPrefix(name, "MULTAQA_") && !settings[name] && !secret[name] {
			t.Errorf("%s sets %s, which is no setting", where, name)
		}
	}
	env := map[string]string{}
	for _, in := range instructions(t) {
		switch in[0] {
		case "ENV":
			for _, pair := range in[1:] {
				name, value, _ := strings.Cut(pair, "=")
				known("the Dockerfile", name)
				env[name] = value
			}
		case "EXPOSE":
			if !strings.HasSuffix(env["MULTAQA_ADDR"], ":"+in[1]) {
				t.Errorf("port %s is exposed, the program listens on %s", in[1], env["MULTAQA_ADDR"])
			}
		case "VOLUME":
			if in[1] != env["MULTAQA_DATA"] {
				t.Errorf("the volume is %s, the data in %s", in[1], env["MULTAQA_DATA"])
			}
		case "CMD":
			command := strings.Trim(strings.Join(in[1:], ""), `["]`)
			if _, is := reflect.TypeFor[cli]().FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, command) }); !is {
				t.Errorf("the image runs %q, which is no command", command)
			}
		}
	}
	last := instructions(t)
	if i := slices.IndexFunc(last, func(in []string) bool { return in[0] == "USER" }); i < 0 || strings.HasPrefix(last[i][1], "root") {
		t.Error("the image runs as root")
	}

	var compose struct {
		Services map[string]struct {
			Environment map[string]string
			Secrets     []string
			Volumes     []string
			DependsOn   any    `yaml:"depends_on"`
			Grace       string `yaml:"stop_grace_period"`
			ReadOnly    bool   `yaml:"read_only"`
		}
		Secrets  map[string]struct{ File string }
		Volumes  map[string]any
		Networks map[string]struct {
			Ipam struct{ Config []struct{ Subnet string } }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	nodes := 0
	for name, s := range compose.Services {
		for setting, value := range s.Environment {
			known("service "+name, setting)
			if file, ok := strings.CutPrefix(value, "/run/secrets/"); ok && !slices.Contains(s.Secrets, file) {
				t.Errorf("service %s reads the secret %s, which it is not given", name, file)
			}
		}
		for _, secret := range s.Secrets {
			if !strings.Contains(read(t, "deploy/secrets"), path.Base(compose.Secrets[secret].File)) {
				t.Errorf("deploy/secrets does not make %s", secret)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if _, named := compose.Volumes[from]; !named {
				read(t, from)
			}
		}
		if s.Environment["MULTAQA_DATA"] == "" {
			continue
		}
		nodes++
		if s.Environment["MULTAQA_TRUSTED_PROXIES"] != compose.Networks["hub"].Ipam.Config[0].Subnet || !s.ReadOnly || s.Grace != "20s" {
			t.Errorf("node %s trusts %s on %+v", name, s.Environment["MULTAQA_TRUSTED_PROXIES"], compose.Networks)
		}
		if port := s.Environment["MULTAQA_ADDR"]; !strings.Contains(read(t, "deploy/Caddyfile"), name+port[strings.LastIndex(port, ":"):]) {
			t.Errorf("the proxy does not lead to %s", name)
		}
	}
	if nodes != 2 || !strings.Contains(read(t, "deploy/Caddyfile"), "health_uri /readyz") {
		t.Errorf("%d nodes", nodes)
	}
}
