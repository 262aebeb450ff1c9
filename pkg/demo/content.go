package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/multaqa/multaqa/pkg/locale"
)

//go:embed network.json people.json practices.json guides/*.md guides/threads.json
var files embed.FS

// words is a bilingual text in the content files.
type words struct {
	Ar string `json:"ar" yaml:"ar"`
	En string `json:"en" yaml:"en"`
}

func (w words) text() locale.Text { return locale.Text{Ar: w.Ar, En: w.En} }

type networkFile struct {
	Secretariat struct {
		Code  string `json:"code"`
		Name  words  `json:"name"`
		Short words  `json:"short"`
	} `json:"secretariat"`
	Agencies []struct {
		Code   string `json:"code"`
		Name   words  `json:"name"`
		Short  words  `json:"short"`
		Sector string `json:"sector"`
	} `json:"agencies"`
}

type personFile struct {
	Name   words    `json:"name"`
	Email  string   `json:"email"`
	Roles  []string `json:"roles"`
	Title  words    `json:"title"`
	Agency string   `json:"agency"`
}

type peopleFile struct {
	Agencies map[string]struct {
		Principal personFile `json:"principal"`
		Alternate personFile `json:"alternate"`
	} `json:"agencies"`
	Secretariat []personFile `json:"secretariat"`
	Others      []personFile `json:"others"`
}

// practiceFile is one practice; days count back from the start of the demo.
type practiceFile struct {
	ID       string `json:"id"`
	Agency   string `json:"agency"`
	Stage    string `json:"stage"`
	Axis     string `json:"axis"`
	Title    words  `json:"title"`
	Problem  string `json:"problem"`
	Context  string `json:"context"`
	Evidence []struct {
		Text   string  `json:"text"`
		Days   float64 `json:"days"`
		Source string  `json:"source"`
	} `json:"evidence"`
	Cost     string       `json:"cost"`
	Contacts string       `json:"contacts"`
	Days     float64      `json:"days"`
	Reason   string       `json:"reason"`
	Into     string       `json:"into"`
	Ballots  []ballotFile `json:"ballots"`
}

// ballotFile is one round; Opens and Closes are days from the start.
type ballotFile struct {
	State     string            `json:"state"`
	Question  words             `json:"question"`
	Threshold string            `json:"threshold"`
	Quorum    int               `json:"quorum"`
	Opens     float64           `json:"opens"`
	Closes    float64           `json:"closes"`
	Votes     map[string]string `json:"votes"`
	Reasons   map[string]string `json:"reasons"`
	Reason    string            `json:"reason"`
}

type editionFile struct {
	Number    string  `yaml:"number"`
	Published float64 `yaml:"published"` // days ago
	Minor     bool    `yaml:"minor"`
	Note      words   `yaml:"note"`
}

// guideFile is one guideline. Text is its newest form; changes lead back to
// older ones.
type guideFile struct {
	name       string
	Title      words         `yaml:"title"`
	Summary    words         `yaml:"summary"`
	Language   string        `yaml:"language"`
	Translates string        `yaml:"translates"` // name of the original
	Axis       string        `yaml:"axis"`
	Agency     string        `yaml:"agency"`
	Kind       string        `yaml:"kind"`
	Visibility string        `yaml:"visibility"`
	State      string        `yaml:"state"`
	Started    float64       `yaml:"started"` // days ago, of the edition in work
	Editions   []editionFile `yaml:"editions"`
	Changes    []changeFile  `yaml:"changes"`
	Withdrawn  struct {
		Days   float64 `yaml:"days"`
		Reason words   `yaml:"reason"`
	} `yaml:"withdrawn"`
	Text string `yaml:"-"`
}

// changeFile is a passage that read otherwise up to an edition.
type changeFile struct {
	Until string `yaml:"until"`
	Now   string `yaml:"now"`
	Was   string `yaml:"was"`
}

// at is the text as it stood in the edition; "" is the newest.
func (g guideFile) at(edition string) string {
	t := g.Text
	for _, c := range g.Changes {
		if edition != "" && edition <= c.Until { // editions of the demo have one digit each
			t = strings.Replace(t, c.Now, c.Was, 1)
		}
	}
	return t
}

// threadFile is a comment thread; hours count back from the start.
type threadFile struct {
	Guide    string      `json:"guide"`
	Quote    string      `json:"quote"`
	Agency   string      `json:"agency"`
	Holder   string      `json:"holder"`
	Kind     string      `json:"kind"`
	Blocking bool        `json:"blocking"`
	Hours    float64     `json:"hours"`
	Body     string      `json:"body"`
	Replies  []replyFile `json:"replies"`
	Outcome  string      `json:"outcome"`
	Note     string      `json:"note"`
}

type replyFile struct {
	Agency   string   `json:"agency"`
	Holder   string   `json:"holder"`
	Hours    float64  `json:"hours"`
	Body     string   `json:"body"`
	Mentions []string `json:"mentions"`
	Flags    []struct {
		Agency string  `json:"agency"`
		Reason string  `json:"reason"`
		Text   string  `json:"text"`
		Hours  float64 `json:"hours"`
	} `json:"flags"`
	id string
}

// content is all of the demo's files, read.
type content struct {
	network   networkFile
	people    peopleFile
	practices []practiceFile
	guides    []guideFile
	threads   []threadFile
}

func load() (c content, err error) {
	for name, into := range map[string]any{"network.json": &c.network, "people.json": &c.people,
		"practices.json": &c.practices, "guides/threads.json": &c.threads} {
		b, err := files.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(b, into)
		}
		if err != nil {
			return c, fmt.Errorf("demo content %s: %w", name, err)
		}
	}
	entries, err := files.ReadDir("guides")
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".md" {
			continue
		}
		b, err := files.ReadFile("guides/" + e.Name())
		if err != nil {
			return c, err
		}
		g, err := readGuide(e.Name(), string(b))
		if err != nil {
			return c, fmt.Errorf("demo content %s: %w", e.Name(), err)
		}
		c.guides = append(c.guides, g)
	}
	return c, nil
}

func readGuide(name, s string) (guideFile, error) {
	g := guideFile{name: strings.TrimSuffix(name, ".md")}
	head, text, ok := strings.Cut(strings.TrimPrefix(s, "---\n"), "\n---\n")
	if !ok {
		return g, fmt.Errorf("no front matter")
	}
	g.Text = text
	if err := yaml.Unmarshal([]byte(head), &g); err != nil {
		return g, err
	}
	for _, c := range g.Changes {
		if c.Now == "" || c.Was == "" || c.Until == "" {
			return g, fmt.Errorf("a change without until, now or was")
		}
	}
	return g, nil
}
