/**
 * Modules, machines and pipelines; the address says which is shown.
 *
 * @module
 */
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";
import { addMachine, addPipeline } from "./new_view.ts";
import { MODULES, viewText } from "./views.ts";

export function ViewSwitch() {
  const store = useStore();
  const view = store.view.value;
  const shown = viewText(view.kind === "containers" ? MODULES : view);
  return (
    <nav class="views" aria-label="Views">
      {store.views.value.map((view) => {
        const name = viewText(view);
        return (
          <button
            key={name}
            type="button"
            aria-pressed={name === shown}
            onClick={() => store.showNamed(name)}
          >
            {"name" in view ? view.name : "Modules"}
          </button>
        );
      })}
      <NewView name="State machine" onClick={() => addMachine(store)} />
      <NewView name="Pipeline" onClick={() => addPipeline(store)} />
    </nav>
  );
}

function NewView(
  { name, onClick }: { readonly name: string; readonly onClick: () => void },
) {
  const store = useStore();
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Add a ${name.toLowerCase()}`}
      title={`Add a ${name.toLowerCase()}`}
      disabled={store.isStale.value}
      onClick={onClick}
    >
      <Icon name="plus" size={12} /> {name}
    </button>
  );
}
