package locale

func init() {
	addFaults(map[string]Text{
		"workspace.not_found":        {Ar: "لا توجد مساحة عمل بهذا العنوان.", En: "There is no workspace at this address."},
		"workspace.invalid_fields":   {Ar: "في بيانات مساحة العمل حقل يلزم تصحيحه.", En: "A field of the workspace needs correcting."},
		"workspace.not_member":       {Ar: "هذه الجهة ليست في المساحة.", En: "This agency is not in the workspace."},
		"workspace.opener_stays":     {Ar: "الجهة التي فتحت المساحة تبقى فيها.", En: "The agency that opened the workspace stays in it."},
		"workspace.too_few":          {Ar: "لا تبقى المساحة المشتركة بأقل من جهتين.", En: "A joint workspace keeps at least two agencies."},
		"workspace.leads_guidelines": {Ar: "تقود هذه الجهة أدلة في المساحة، فتبقى فيها ما دامت تقودها.", En: "This agency leads guidelines of the workspace and stays while it does."},
		"workspace.not_joint":        {Ar: "تُضاف الجهات إلى المساحات المشتركة وحدها.", En: "Agencies are added to joint workspaces only."},
	})
}
