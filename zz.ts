import { parse } from "@engine/config/parse.ts";
function t(name: string, text: string) {
  const s = performance.now();
  try { const r = parse(text, "x.yaml"); console.log(name, Math.round(performance.now()-s)+"ms", !!r.document, JSON.stringify(r.problems.slice(0,2)).slice(0,300), r.problems.length); }
  catch (e) { console.log(name, "THROWS", Math.round(performance.now()-s), (e as Error).message.slice(0,100)); }
}
t("brackets", "[".repeat(20000));
t("brackets closed", "[".repeat(20000)+"]".repeat(20000));
t("braces", "{a: ".repeat(20000)+"}".repeat(20000));
t("dashes", "- ".repeat(20000));
t("indent", Array.from({length:2000},(_, i)=>" ".repeat(i)+"a:").join("\n"));
t("indent700", Array.from({length:700},(_, i)=>" ".repeat(i)+"a:").join("\n"));
t("nul", "a: \0b\n");
t("tabs", "a:\n\tb: 1\n");
t("bomb", "a: &a [1,1,1,1,1,1,1,1,1]\n" + "bcdefghi".split("").map((c,i)=>`${c}: &${c} [${Array(9).fill("*"+"abcdefghi"[i])}]`).join("\n"));
t("self", "a: &a [*a]\n");
t("selfmap", "a: &a {b: *a}\n");
t("many keys", Array.from({length:60000},(_, i)=>`k${i}: 1`).join("\n"));
t("many aliases", "x: &a 1\ny: ["+"*a,".repeat(100000)+"]");
t("101 aliases", "x: &a 1\ny: ["+"*a,".repeat(101)+"]");
t("100 aliases", "x: &a 1\ny: ["+"*a,".repeat(100)+"]");
t("wide", "x: &a ["+"1,".repeat(250000)+"]\ny: ["+"*a,".repeat(99)+"]");
t("quotes", "'".repeat(100000));
t("colons", ":".repeat(100000));
t("question", "? ".repeat(5000));
t("anchors", "&a ".repeat(20000));
t("tags", "!a ".repeat(20000));
t("stars", "*a ".repeat(20000));
t("comments", "#\n".repeat(300000));
t("multi", "a: 1\n---\nb: 2\n");
t("empty", ""); t("scalar", "hello"); t("null","~"); t("bom", "\uFEFFmodules: []\n");
t("lone", "a: \ud800\n");
t("undef alias", "a: *nope\n");
t("merge non map", "a:\n  <<: 3\n  b: 1\n");
t("merge list bad", "a:\n  <<: [1]\n  b: 1\n");
t("dup", "a: 1\na: 2\n");
t("directive", "%YAML 1.1\n---\na: 2001-01-01\nb: !!set {x}\nc: !!omap [a: 1]\nd: !!binary aGVsbG8=\n");
t("complexkey", "? [a, b]\n: c\n? {x: 1}\n: d\n");
t("proto", "__proto__: {a: 1}\nconstructor: 2\n");
t("badtag", "a: !!int x\nb: !foo bar\n");
