using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Workshop.Ui;

namespace OpsConsole.Features.Workshop;

/// <summary>A worksheet to be sent as a file.</summary>
/// <param name="Name">Safe in any file system.</param>
internal sealed record SheetFile(string Name, string Text, SheetFormat Format);

/// <summary>A field that says something else in the file.</summary>
/// <param name="Row">Which row that is, for people; null in a sheet without rows.</param>
/// <param name="OldBy">Who wrote what stands there; null where nothing does.</param>
/// <param name="Others">How many more texts stand there at once: they stay, to choose from.</param>
/// <param name="Problem">Why the new text would not count yet, for people.</param>
internal sealed record ImportedField(string Field, string Title, string? Row, string Old, string? OldBy, string New, int Others, string? Problem);

/// <summary>A row that comes or goes.</summary>
/// <param name="Row">For people.</param>
/// <param name="Text">What its first field says.</param>
/// <param name="Back">It was there before and was taken out.</param>
/// <param name="Fields">What it begins with; none of a row that goes.</param>
internal sealed record ImportedRow(string Id, string Row, string Text, bool Back, IReadOnlyList<ImportedField> Fields);

/// <summary>What a file changes in a worksheet.</summary>
/// <param name="Taken">Whether it is on record; in a preview it is not.</param>
/// <param name="Count">A row that comes or goes counts as one.</param>
internal sealed record SheetImportView(string Sheet, bool Taken, int Count, IReadOnlyList<ImportedField> Changed, IReadOnlyList<ImportedRow> Added, IReadOnlyList<ImportedRow> Removed);

/// <summary>A file that was compared with what stood at that moment.</summary>
/// <param name="Patches">What taking it over puts on record; the same however often it is done.</param>
internal sealed record SheetImport(SheetImportView View, IReadOnlyList<PatchRequest> Patches);

/// <summary>Worksheets as files and back: what a file would change is shown first, and taken over as patches like any other.</summary>
internal sealed class SheetFileDesk(DurableWriter writer, WorksheetState sheets)
{
    public Fault? MayWrite(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault;

    /// <summary>Faults: not found.</summary>
    public async Task<Result<SheetFile>> ExportAsync(PersonCaller caller, string id, string sheet, SheetFormat format, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        if (WorksheetSpecs.Find(sheet) is not { } spec) return Fault.NotFound("worksheet");
        var now = await sheets.NowAsync(id, ct);
        var name = FileName.Slug(rollout.Name) is { Length: > 0 } slug ? slug : FileName.Slug(id);
        return new SheetFile($"{name}-{spec.Id}.{SheetFormats.Extension(format)}", SheetFormats.Write(spec, now.Sheet(sheet), format), format);
    }

    /// <summary>Compares a file with what stands; writes nothing. Faults: not found, forbidden, those of <see cref="SheetFormats.Read"/>, <c>rows.full</c>.</summary>
    /// <param name="replace">Also take out the rows that the file does not have.</param>
    public async Task<Result<SheetImport>> PreviewAsync(PersonCaller caller, string id, string sheet, ReadOnlyMemory<byte> file, SheetFormat format, bool replace, CancellationToken ct)
    {
        if (MayWrite(caller, id) is { } forbidden) return forbidden;
        if (WorksheetSpecs.Find(sheet) is not { } spec) return Fault.NotFound("worksheet");
        var rows = SheetFormats.Read(spec, file.Span, format);
        if (rows.Fault is { } unread) return unread;
        if (rows.Value.Count > PatchWriter.MostRows) return PatchWriter.Full("file");
        var now = (await sheets.NowAsync(id, ct)).Sheet(sheet);
        var difference = SheetDifference.Of(spec, now, rows.Value, replace, () => Guid.NewGuid().ToString("N")[..12]);
        if (difference.Added.Count > 0 && now.Rows.Count + difference.Added.Count - difference.Removed.Count > PatchWriter.MostRows) return PatchWriter.Full("file");
        return new SheetImport(View(spec, now, difference), [.. difference.Fields.Select(f => Request(f, caller))]);
    }

    /// <summary>
    /// Puts a preview on record, all of it or nothing. It goes over what stood when it was made: what others wrote since stands beside it. Faults: not found, forbidden, <c>rows.full</c>, <c>field.contested</c>.
    /// </summary>
    public async Task<Result<SheetImportView>> TakeAsync(PersonCaller caller, string id, SheetImport import)
    {
        if (MayWrite(caller, id) is { } forbidden) return forbidden;
        if (import.Patches.Count == 0) return import.View;
        var taken = await writer.ChangeAsync<PatchesTaken>(async (scope, ct) =>
            Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault is { } refused ? refused : await PatchWriter.PutAsync(scope, caller, id, import.Patches, ct));
        return taken.Fault is { } fault ? fault : import.View with { Taken = true };
    }

    // As where somebody types: over the text that the file had and over one's own; of two rivals the other stays until somebody chooses. Where a row stands is nobody's text.
    private static PatchRequest Request(FieldChange change, PersonCaller caller)
    {
        var over = change.Was.Standing.Where(p => change.Field.Name == FieldKey.Place || p.Value == change.Was.Value || p.Author == caller.Id);
        return new PatchRequest(SentPatch.Chosen + Guid.NewGuid().ToString("N"), change.Field.ToString(), [.. over.Select(p => p.Id)], change.Text);
    }

    private SheetImportView View(WorksheetSpec spec, Worksheet now, SheetDifference difference)
    {
        var numbers = now.Rows.Index().ToDictionary(r => r.Item.Id, r => $"{spec.Row} {r.Index + 1}", StringComparer.Ordinal);
        return new(spec.Id, false, difference.Count, [.. difference.Changed.Select(Field)], [.. difference.Added.Select(Row)], [.. difference.Removed.Select(Row)]);

        ImportedField Field(FieldChange c)
        {
            var field = spec.Field(c.Field.Name)!;
            return new(c.Field.ToString(), field.Title, c.Field.Row is { } row ? numbers.GetValueOrDefault(row, spec.Row!) : null, c.Was.Value, c.Was.Value.Length > 0 ? writer.State.Directory.NameOf(c.Was.Standing[0].Author) : null, c.Text, c.Was.Rivals.Count(p => p.Value != c.Was.Value), field.Problem(c.Text));
        }

        ImportedRow Row(RowChange r)
        {
            var first = new FieldKey(spec.Id, r.Row, spec.Fields[0].Name);
            return new(r.Row, numbers.GetValueOrDefault(r.Row, spec.Row!), r.Fields.FirstOrDefault(f => f.Field == first)?.Text ?? now[first].Value, r.IsBack && r.Fields[0].Text.Length > 0, [.. r.Fields.Skip(1).Select(Field)]);
        }
    }
}
