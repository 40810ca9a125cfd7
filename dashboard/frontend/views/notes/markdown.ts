/** Markdown as safe HTML: no HTML of the writer's, no pictures from elsewhere, links that may be. */

import DOMPurify from "dompurify";
import MarkdownIt, { type StateInline } from "markdown-it";
import { safeLink } from "./links";

const LINK_REL = "noopener noreferrer nofollow";
const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "br", "strong", "em", "s", "code", "pre", "blockquote", "hr", "a", "span"],
    ...["h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "target", "rel", "class", "start"],
};

const renderer = rendererOf();

/** `names` are marked where somebody wrote them after an @. */
export function htmlOf(text: string, names: readonly string[]): string {
  return DOMPurify.sanitize(renderer.render(text, { names }), ALLOWED);
}

function rendererOf() {
  const made = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable("image");
  made.validateLink = (address) => safeLink(address) !== null;
  made.renderer.rules.link_open = (tokens, at, options, _env, self) => {
    tokens[at]?.attrSet("target", "_blank");
    tokens[at]?.attrSet("rel", LINK_REL);
    return self.renderToken(tokens, at, options);
  };
  made.inline.ruler.before("text", "mention", mention);
  made.renderer.rules.mention = (tokens, at) =>
    `<span class="at">@${made.utils.escapeHtml(tokens[at]?.content ?? "")}</span>`;
  return made;
}

/** The longest name that stands here: "박서연" before "박서". */
function mention(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "@") return false;
  const { names = [] } = state.env as { names?: readonly string[] };
  const here = names.filter((name) => name !== "" && state.src.startsWith(name, state.pos + 1));
  const [name] = here.sort((a, b) => b.length - a.length);
  if (name === undefined) return false;
  if (!silent) state.push("mention", "", 0).content = name;
  state.pos += name.length + 1;
  return true;
}
