using OpsConsole.Core.Approvals;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>What is chosen in the list to be answered together, and the dialog that asks about it. What changes the choice returns the words that say how it stands.</summary>
internal sealed class DeskSelection(DeskQueue queue)
{
    private const string OneByOne = "High consequence is decided one by one.";
    private IReadOnlyList<string> _alike = [];

    /// <summary>How many of the list are of the kind of the first that was chosen, itself counted.</summary>
    public int Alike => _alike.Count;
    /// <summary>Why nothing more was chosen, where that was asked for; null: it was.</summary>
    public string? Why { get; private set; }
    /// <summary>What was chosen when the dialog opened.</summary>
    public IReadOnlyList<string> Ids { get; private set; } = [];
    public Verdict Verdict { get; private set; }
    public bool Open { get; set; }

    /// <summary>Chooses one, or leaves it out again.</summary>
    /// <param name="alike">Which requests are alike one of them.</param>
    public Task<string> MarkAsync(string at, Func<string, Task<IReadOnlyList<string>>> alike)
        => queue.Marked.Contains(at) ? ChooseAsync([.. queue.Marked.Where(id => id != at)], alike) : High(at) ? Task.FromResult(Why = OneByOne) : ChooseAsync([.. queue.Marked, at], alike);

    /// <summary>Chooses all that are like the first that was chosen, or like this one.</summary>
    public async Task<string> MarkAlikeAsync(string at, Func<string, Task<IReadOnlyList<string>>> alike)
    {
        var from = queue.Marked is [var first, ..] ? first : at;
        if (High(from)) return Why = OneByOne;
        _alike = [];
        await ChooseAsync([from], alike);
        return _alike.Count > 1 ? await ChooseAsync(_alike, alike) : Why = "Nothing else that waits is alike and yours to decide with it.";
    }

    public string Clear()
    {
        Why = null;
        queue.Mark([]);
        _alike = [];
        return "Nothing selected";
    }

    public void Ask(Verdict verdict) => (Verdict, Ids, Open) = (verdict, queue.Marked, true);

    /// <summary>What became of them.</summary>
    public string Decided(BulkResult result)
    {
        Clear();
        return $"{result.Decided} {(Verdict == Verdict.Reject ? "rejected" : "approved")} together{(result.Refused > 0 ? $", {result.Refused} not recorded" : "")}.";
    }

    private bool High(string id) => queue.Rows.Any(r => r.Row.Id == id && r.Row.HighConsequence);

    private async Task<string> ChooseAsync(IReadOnlyList<string> ids, Func<string, Task<IReadOnlyList<string>>> alike)
    {
        Why = null;
        var before = queue.Marked is [var was, ..] ? was : null;
        queue.Mark(ids);
        if (queue.Marked is not [var first, ..]) _alike = [];
        else if (first != before || _alike.Count == 0) _alike = [.. (await alike(first)).Where(queue.Has)];
        return $"{queue.Marked.Count} selected";
    }
}
