package transfer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

// FuzzArchive reads whatever may be in a backup after its first entry. All of it is rolled back; nothing is written beside the stage.
func FuzzArchive(f *testing.F) {
	entry := func(name, body string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		_ = w.WriteHeader(&tar.Header{Name: name, Size: int64(len(body)), Mode: 0o600})
		_, _ = w.Write([]byte(body))
		_ = w.Flush()
		return b.Bytes()
	}
	f.Add(entry("tables/person.jsonl", "[\"pe_1\",\"a\"]\n"))
	f.Add(append(entry("tables/draft_log.jsonl", `[1,2,3,4,5,{"b":"AA=="}]`), entry(manifestName, `{"tables":{}}`)...))
	f.Add(entry(filesDir+"/../../evil", "x"))
	f.Add(entry(filesDir+"/a", "x"))
	f.Add(entry(manifestName, `{"tables":{"person":{"count":-1}}}`))
	d := dbtest.Open(f)
	undo := errors.New("undo")
	f.Fuzz(func(t *testing.T, src []byte) {
		dir := t.TempDir()
		stage := filepath.Join(dir, "stage")
		if err := os.Mkdir(stage, 0o700); err != nil {
			t.Fatal(err)
		}
		err := d.Transact(context.Background(), func(tx *db.Tx) error {
			all, err := tables(context.Background(), tx)
			if err != nil {
				return err
			}
			columns := map[string][]string{}
			for _, x := range all {
				columns[x.name] = x.columns
			}
			_, _ = fillAll(context.Background(), tx, tar.NewReader(bytes.NewReader(src)), Head{Tables: columns}, all, stage)
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		if beside, err := os.ReadDir(dir); err != nil || len(beside) != 1 {
			t.Fatalf("beside the stage: %v, %v", beside, err)
		}
	})
}
