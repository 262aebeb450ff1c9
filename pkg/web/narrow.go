package web

import "github.com/multaqa/multaqa/pkg/member"

// Narrower counts how the lists of what agencies own can be narrowed, for all
// resources alike.
type Narrower struct{ Members *member.Service }

// Narrowing is what the address asks for: ?tier=, ?kind=, ?sector= and ?area=,
// each with one value or several.
func (c *Call) Narrowing() (member.Narrowing, error) { return member.ParseNarrowing(c.QueryList) }

type narrowValue struct {
	Value  string `json:"value"`
	Name   Text   `json:"name"`
	Count  int    `json:"count" doc:"rows of the list, if the axis were narrowed to this value alone"`
	Chosen bool   `json:"chosen"`
}

type narrowAxis struct {
	Axis   string        `json:"axis" doc:"tier, kind, sector or area: the parameter that narrows by it"`
	Values []narrowValue `json:"values" doc:"those with rows, and those chosen; the most frequent first"`
}

type narrowOut struct {
	Total int          `json:"total" doc:"rows of the list, over all pages"`
	All   int          `json:"all" doc:"rows without the narrowing"`
	Axes  []narrowAxis `json:"axes"`
}

// byAgency is part of every answer that lists what agencies own; OpenAPI gives
// its routes the parameters.
type byAgency struct {
	Narrowing *narrowOut `json:"narrowing,omitempty" doc:"how the list is narrowed by its agencies, and how it can be"`
}

func (byAgency) narrows() {}

// narrowed marks answers that tier, kind, sector and area narrow.
type narrowed interface{ narrows() }

// facets are those of a list of which the owners were counted.
func (n Narrower) facets(c *Call, by member.Narrowing, owners member.Owners) (byAgency, error) {
	f, err := n.Members.Facets(c.Ctx, by, owners)
	if err != nil {
		return byAgency{}, err
	}
	out := &narrowOut{Total: f.Total, All: f.All, Axes: []narrowAxis{}}
	for _, x := range member.Axes {
		axis := narrowAxis{Axis: string(x), Values: []narrowValue{}}
		for _, v := range f.Axes[x] {
			axis.Values = append(axis.Values, narrowValue{v.Value, Text(v.Name), v.Count, v.Chosen})
		}
		out.Axes = append(out.Axes, axis)
	}
	return byAgency{out}, nil
}

// Narrowed is a page of a list that its agencies narrow.
type Narrowed[T any] struct {
	List[T]
	byAgency
}

// page is the answer to a question for a list: its rows as out shows them, and
// its facets.
func page[R, T any](n Narrower, c *Call, by member.Narrowing, list member.PageOf[R], out func(R) T) (Narrowed[T], error) {
	rows := make([]T, len(list.Items))
	for i, r := range list.Items {
		rows[i] = out(r)
	}
	facets, err := n.facets(c, by, list.Owners)
	return Narrowed[T]{Page(rows, list.Next), facets}, err
}
