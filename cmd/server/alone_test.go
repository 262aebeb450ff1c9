package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNothingButTheProgram: it brings all that it needs, time zones too, so it runs where there is no other file.
func TestNothingButTheProgram(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another root directory takes root")
	}
	if os.Getenv("CGO_ENABLED") != "0" {
		t.Skip("with cgo the program wants the system's C library; `make test` builds without")
	}
	root := t.TempDir()
	bin, err := os.ReadFile(program(t))
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "server"), bin, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/server", "migrate")
	cmd.Env = []string{"MULTAQA_DATA=/data"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(root, "data")); err != nil {
		t.Error(err)
	}
}
