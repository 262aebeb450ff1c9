package policy

import "fmt"

// Scope is the reading rule as SQL, for lists: a condition over the columns
// <alias>.agency and <alias>.visibility, and over a share table that names
// agencies for objects at "agencies". first is the number of the first free
// placeholder. It must say the same as CanSee; a test compares the two.
//
//	cond, args := policy.Scope(actor, "g", "guideline_share", "guideline", 1)
func Scope(a Actor, alias, shareTable, shareKey string, first int) (string, []any) {
	col := func(c string) string { return alias + "." + c }
	if a.System {
		return "1 = 1", nil
	}
	if a.Anonymous() {
		return col("visibility") + " = 'public'", nil
	}
	cond := col("visibility") + " = 'public'"
	var args []any
	if a.Has(SecretariatAdmin, Moderator, AgencyLead, Representative, Reader) {
		cond += " or " + col("visibility") + " = 'network'"
	}
	if a.Has(SecretariatAdmin) {
		cond += " or " + col("visibility") + " = 'agencies'"
	}
	// A placeholder that no condition uses has no type on PostgreSQL.
	if a.Agency != "" && !a.Has(Reader) {
		p := fmt.Sprintf("$%d", first)
		args = append(args, a.Agency)
		cond += " or " + col("agency") + " = " + p
		if shareTable != "" {
			cond += fmt.Sprintf(" or (%s = 'agencies' and exists (select 1 from %s sh where sh.%s = %s and sh.agency = %s))",
				col("visibility"), shareTable, shareKey, col("id"), p)
		}
	}
	return "(" + cond + ")", args
}
