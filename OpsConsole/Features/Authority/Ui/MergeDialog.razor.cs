using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Puts together what two people made of the same draft: what merges by itself in words, and a choice for each row that both changed. Mounted while it is open.</summary>
public sealed partial class MergeDialog
{
    private const int Most = 50;
    private readonly string _name = $"merge-{Guid.NewGuid():N}";
    private MatrixMerge _merge = MatrixMerge.Of(MatrixDocument.Empty, MatrixDocument.Empty, MatrixDocument.Empty);
    private (MatrixDocument, MatrixDocument, MatrixDocument) _of;
    private MergeChoice[] _choices = [];
    private IReadOnlyList<MatrixChange> _mine = [], _theirs = [];

    /// <summary>What both began with.</summary>
    [Parameter, EditorRequired] public MatrixDocument Base { get; set; } = MatrixDocument.Empty;
    /// <summary>What the reader has made of it, not saved yet.</summary>
    [Parameter, EditorRequired] public MatrixDocument Mine { get; set; } = MatrixDocument.Empty;
    /// <summary>What is saved now.</summary>
    [Parameter, EditorRequired] public MatrixDocument Theirs { get; set; } = MatrixDocument.Empty;
    /// <summary>Who saved it.</summary>
    [Parameter] public string TheirName { get; set; } = "Somebody";
    /// <summary>How an approver is called; by default what stands behind <c>user:</c> or <c>group:</c>.</summary>
    [Parameter] public Func<string, string> Who { get; set; } = ApproverEntry.Bare;
    /// <summary>The merged matrix, which stands on <see cref="Theirs"/>.</summary>
    [Parameter] public EventCallback<MatrixDocument> OnMerged { get; set; }
    [Parameter] public EventCallback OnClose { get; set; }

    private string Them => VisibleText.Flatten(TheirName);

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_of.Item1, Base) && ReferenceEquals(_of.Item2, Mine) && ReferenceEquals(_of.Item3, Theirs)) return;
        _of = (Base, Mine, Theirs);
        _merge = MatrixMerge.Of(Base, Mine, Theirs);
        _choices = new MergeChoice[_merge.Conflicts.Count];
        var decided = _merge.Conflicts.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        _mine = Rest(Mine);
        _theirs = Rest(Theirs);

        IReadOnlyList<MatrixChange> Rest(MatrixDocument now) => [.. MatrixChanges.Between(Base, now, Who).Where(c => c.Rule is null || c.Kind == "moved" || !decided.Contains(c.Rule))];
    }

    private string Title(MergeConflict c) => VisibleText.Flatten(c switch
    {
        { Mine: null } => $"{c.Id}: you removed it, {TheirName} changed it",
        { Theirs: null } => $"{c.Id}: you changed it, {TheirName} removed it",
        { Base: null } => $"{c.Id}: each of you added a row of this name",
        _ => $"{c.Id}: both of you changed it",
    });

    private IEnumerable<(MergeChoice Choice, string Words)> Choices(MergeConflict c) => c switch
    {
        { Mine: null } => [(MergeChoice.Both, $"Keep the row as {Them} changed it"), (MergeChoice.Mine, "Remove it")],
        { Theirs: null } => [(MergeChoice.Both, "Keep the row as you changed it"), (MergeChoice.Theirs, "Remove it")],
        _ => [(MergeChoice.Both, $"Keep both: {Them}’s in its place, yours behind it under a new id"), (MergeChoice.Mine, "Yours"), (MergeChoice.Theirs, $"{Them}’s")],
    };

    private static string Cell(string? text) => text is null ? "—" : VisibleText.Flatten(text);
}
