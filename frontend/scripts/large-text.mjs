/** A long Arabic guideline with all that makes an editor work: sections, lists, tables, links, code, mixed lines. Always the same for a size. */
export function largeText(bytes) {
  const words = "تلتزم الجهة القائدة بإعلان مدّة إنجاز الخدمة في بطاقتها وتُراجَع المدّة كل ستة أشهر مع الجهات الشريكة ولا يُطلب من المتعامل ما لدى جهة أخرى من وثائق ويُقاس الأداء آليًّا عبر نظام Q-Flow أو ما يماثله وتُنشر النتائج شهريًّا".split(" ");
  let seed = 7;
  const next = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
  const sentence = (n) => Array.from({ length: n }, () => words[next(words.length)]).join(" ");
  const size = new TextEncoder();
  const out = [];
  let used = 0;
  const put = (s) => {
    out.push(s);
    used += size.encode(s).length + 2;
  };
  put("# دليل تجربة النصوص الطويلة");
  for (let section = 1; used < bytes; section++) {
    put(`## القسم ${section}: ${sentence(4)}`);
    for (let p = 0; p < 3; p++) put(`${sentence(22)} **${sentence(3)}** ${sentence(14)}، انظر [${sentence(3)}](https://example.org/g/${section}/${p}).`);
    put(`### ${sentence(3)}`);
    put([1, 2, 3, 4].map((i) => `- ${sentence(8)}${i === 2 ? "\n  - " + sentence(6) : ""}`).join("\n"));
    put(`| نوع الخدمة | المدّة المستهدفة | أمثلة |\n| --- | :-: | --: |\n${[1, 2, 3, 4, 5].map(() => `| ${sentence(2)} | ${next(30)} يومًا | ${sentence(4)} |`).join("\n")}`);
    put(`> ${sentence(18)}`);
    if (section % 4 === 0) put("```json\n{ \"service\": \"Q-Flow\", \"minutes\": 15 }\n```");
    if (section % 3 === 0) put(`The service owner publishes the target time, ${sentence(3)}, every quarter.`);
    put([1, 2, 3].map((i) => `${i}. ${sentence(10)}`).join("\n"));
  }
  return `${out.join("\n\n")}\n`;
}
