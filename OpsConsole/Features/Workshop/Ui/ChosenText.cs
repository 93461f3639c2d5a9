using OpsConsole.Core.Worksheets;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>A text that somebody chose for a field.</summary>
/// <param name="Over">The patches whose texts were drawn where they chose: only what they saw is gone over.</param>
public sealed record ChosenText(FieldKey Field, string Value, IReadOnlyList<string> Over);
