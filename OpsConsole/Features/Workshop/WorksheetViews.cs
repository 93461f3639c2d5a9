namespace OpsConsole.Features.Workshop;

/// <summary>One text that stands in a field.</summary>
internal sealed record StandingView(string Id, string Value, string AuthorId, string Author, DateTimeOffset At);

/// <summary>A field as it stands: its text, and all texts to choose from where several people wrote at once.</summary>
/// <param name="Problem">Why the text does not count yet, for people; null when it does, or is empty.</param>
internal sealed record FieldView(string Name, string Value, IReadOnlyList<StandingView> Standing, string? Problem);

/// <param name="Id">Null in a sheet without rows.</param>
internal sealed record WorksheetRowView(string? Id, string? Place, IReadOnlyList<FieldView> Fields);

/// <param name="Sequence">The last patch that is in it.</param>
/// <param name="Rows">One without an id in a sheet without rows.</param>
internal sealed record WorksheetView(string Sheet, string Title, int? Step, long Sequence, IReadOnlyList<WorksheetRowView> Rows);

/// <summary>One patch of a field's history.</summary>
public sealed record PatchView(string Id, string Value, string AuthorId, string Author, DateTimeOffset At, IReadOnlyList<string> Over, bool Standing);

/// <summary>What became of patches that were sent: those that are on record now, whether they came for the first time or again.</summary>
public sealed record PatchesTaken(IReadOnlyList<string> Taken, long Sequence);

/// <summary>What the page of the worksheets needs around them.</summary>
/// <param name="People">Who can be named: roles of the rollout first, then its members.</param>
internal sealed record WorksheetsView(string RolloutName, bool MayWrite, SheetsNow Now, IReadOnlyList<(string Word, string Title)> People, Func<string, string> NameOf);
