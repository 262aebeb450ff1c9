package locale

func init() {
	addFaults(map[string]Text{
		"discussion.not_found": {Ar: "لا يوجد نقاش بهذا العنوان.", En: "There is no discussion at this address."},
		"discussion.invalid":   {Ar: "في المشاركة ما يلزم تصحيحه.", En: "Something about the contribution needs correcting."},
		"discussion.closed":    {Ar: "أُغلق هذا النقاش؛ يبقى مقروءًا ولا يُضاف إليه.", En: "This discussion is closed; it stays readable and nothing is added to it."},
		"discussion.full":      {Ar: "بلغ هذا النقاش حدّه من المشاركات.", En: "This discussion has reached its limit of contributions."},
	})
}
