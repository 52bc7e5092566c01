import type { CostTarget } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { protocolPosition, protocolRange, sourceEditor } from '../views/sourceEditor.ts';
import { createTimelineView } from '../views/timelineView.ts';
import { selectedLines } from './showCost.ts';

/** "Pipeline Timeline": the site at the cursor, or the selected code, cycle by cycle. */
export function registerShowTimeline(app: App): void {
  const show = createTimelineView(app);
  app.command('patchpoint.showTimeline', async () => {
    const { document, selection } = sourceEditor(app);
    const uri = app.server.uri(document.uri);
    const target: CostTarget = selection.isEmpty
      ? { uri, position: protocolPosition(selection.active) }
      : { uri, range: protocolRange(selectedLines(document, selection)) };
    await show(target);
  });
}
