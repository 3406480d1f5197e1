/**
 * The panel of a chosen category.
 *
 * @module
 */
import { Icon } from "../icons.tsx";
import type { Container } from "./containers.ts";
import { Members, modulesText } from "./group_panel.tsx";
import { CloseInspector } from "./inspector.tsx";
import { lookOf } from "./look.ts";

export function ContainerPanel(
  { container: { title, modules } }: { readonly container: Container },
) {
  const look = lookOf(modules[0]?.type ?? "");
  return (
    <>
      <header class="head" data-hue={look.hue}>
        <span class="tile">
          <Icon name={look.icon} size={14} />
        </span>
        <div class="names">
          <strong title={title}>{title}</strong>
          <span class="quiet">{modulesText(modules.length)}</span>
        </div>
        <span class="grow"></span>
        <CloseInspector />
      </header>
      <div class="form">
        <Members names={modules.map(({ name }) => name)} />
      </div>
    </>
  );
}
