package locale

func init() {
	addFaults(map[string]Text{
		"section.not_found": {Ar: "لا يوجد قسم مسند بهذا العنوان.", En: "There is no assigned section at this address."},
		"section.invalid":   {Ar: "في إسناد القسم حقل يلزم تصحيحه.", En: "A field of the assignment needs correcting."},
		"section.too_many":  {Ar: "بلغت الأقسام المسندة في هذه المسودة حدّها.", En: "No more sections of this draft can be assigned."},
		"draft.section":     {Ar: "هذا القسم مسند إلى جهة أخرى. يمكن اقتراح التغيير فيه.", En: "This section is assigned to another agency. You can suggest the change."},
	})
}
