// Package demo makes the demo network: a secretariat, twenty agencies with
// their people, practices in every stage, ballots, guides and drafts. It does
// so through the services that people use, in the order in which it would have
// happened, with the hub's clock set back; so the audit record, the histories
// and the counts are real ones. Dates count from the day it is seeded.
//
// The content is in network.json, people.json, practices.json and guides/.
// People, agencies and figures are invented.
package demo
