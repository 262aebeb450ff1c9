// The guard against physical left and right: the interface mirrors by itself.
// Block-axis properties stay as authors know them.
export default {
  plugins: ["stylelint-use-logical"],
  rules: { "csstools/use-logical": ["always", { except: [/top|bottom|width|height/i] }] },
};
