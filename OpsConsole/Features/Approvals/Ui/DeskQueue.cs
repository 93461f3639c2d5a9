namespace OpsConsole.Features.Approvals.Ui;

/// <summary>A row as the list shows it. The same reference means that nothing about it changed.</summary>
/// <param name="Selected">Open, or where j and k stand.</param>
/// <param name="Gone">It waits no longer, and stays only because somebody is reading it.</param>
/// <param name="Marked">Chosen, to be decided together with others.</param>
public sealed record DeskRow(QueueRow Row, string Href, bool Selected, bool Gone, bool Marked = false);

/// <summary>The list beside an open request: while somebody reads, nothing moves in; what is new is counted and shown on demand.</summary>
internal sealed class DeskQueue
{
    private IReadOnlyList<QueueRow> _latest = [];
    private string _query = "";
    private QueueSort _sort;
    private bool _reading;
    private readonly HashSet<string> _marked = [];
    private DateTimeOffset _readAt, _shownAt;

    public IReadOnlyList<DeskRow> Rows { get; private set; } = [];
    /// <summary>Rows that arrived and are not shown yet. What waited before and only moved up to the end of what is shown is none of them.</summary>
    public int News { get; private set; }
    public string? SelectedId { get; private set; }
    /// <summary>Ids of what is chosen, in the order of the list.</summary>
    public IReadOnlyList<string> Marked => [.. Rows.Where(r => r.Marked).Select(r => r.Row.Id)];

    /// <summary>Takes what the database says now.</summary>
    /// <param name="query">What every row's address ends in: the filter.</param>
    /// <param name="readAt">When it was asked.</param>
    public void Take(IReadOnlyList<QueueRow> latest, string? openId, string query, DateTimeOffset readAt, QueueSort sort = QueueSort.Due)
    {
        var moved = query != _query;
        (_latest, _query, _reading, _readAt, _sort) = (latest, query, openId is not null, readAt, sort);
        if (moved) _marked.Clear();
        else _marked.IntersectWith(latest.Select(r => r.Id));
        if (openId is null || moved || Rows.Count == 0) ShowAll();
        else
        {
            var fresh = latest.ToDictionary(r => r.Id);
            var known = Rows.ToDictionary(r => r.Row.Id);
            Rows = [.. Rows.Where(r => fresh.ContainsKey(r.Row.Id) || r.Row.Id == openId).Select(r => fresh.TryGetValue(r.Row.Id, out var row) ? Keep(r, row, gone: false) : Keep(r, r.Row, gone: true))];
            var end = Rows.Count > 0 ? QueuePlace.Of(Rows[^1].Row, _sort) : default;
            var unknown = latest.Where(r => !known.ContainsKey(r.Id)).ToLookup(r => r.RequestedAt <= _shownAt && QueuePlace.Of(r, _sort).IsBehind(end));
            Rows = [.. Rows, .. unknown[true].Select(r => New(r))];
            News = unknown[false].Count();
        }
    }

    /// <summary>Puts what waits behind the list at its end; nothing above it moves.</summary>
    public void Append(IReadOnlyList<QueueRow> more)
    {
        var known = _latest.Select(r => r.Id).Concat(Rows.Select(r => r.Row.Id)).ToHashSet();
        var fresh = more.Where(r => !known.Contains(r.Id)).ToList();
        _latest = [.. _latest, .. fresh];
        Rows = [.. Rows, .. fresh.Select(r => New(r))];
    }

    /// <summary>Shows everything, in order.</summary>
    public void ShowAll()
    {
        if (!_reading && SelectedId is not null && Index(SelectedId) is >= 0 and var at && _latest.All(r => r.Id != SelectedId))
        {
            // Where the reader stood is decided: the place stays, with what has moved up into it.
            var after = Rows.Skip(at + 1).Select(r => r.Row.Id).ToList();
            SelectedId = after.FirstOrDefault(id => _latest.Any(r => r.Id == id)) ?? (_latest.Count > 0 ? _latest[^1].Id : null);
        }
        var known = Rows.ToDictionary(r => r.Row.Id);
        Rows = [.. _latest.Select(row => known.TryGetValue(row.Id, out var shown) && shown.Href.EndsWith(Address(row.Id), StringComparison.Ordinal)
            ? Keep(shown, row, gone: false) : New(row))];
        (News, _shownAt) = (0, _readAt);
    }

    public void Select(string? id)
    {
        SelectedId = id;
        Rows = [.. Rows.Select(r => r.Selected == (r.Row.Id == id) ? r : r with { Selected = r.Row.Id == id })];
    }

    public bool Has(string id) => Index(id) >= 0;

    /// <summary>Chooses these and nothing else; what the list does not hold is left out.</summary>
    public void Mark(IEnumerable<string> ids)
    {
        _marked.Clear();
        _marked.UnionWith(ids.Where(Has));
        Rows = [.. Rows.Select(r => r.Marked == _marked.Contains(r.Row.Id) ? r : r with { Marked = !r.Marked })];
    }

    /// <summary>The neighbour of the selected row; the first or last row when none is selected; null at the end.</summary>
    public DeskRow? Step(int by)
    {
        var at = Index(SelectedId);
        var next = at < 0 ? (by > 0 ? 0 : Rows.Count - 1) : at + by;
        return next >= 0 && next < Rows.Count ? Rows[next] : null;
    }

    /// <summary>What to open once <paramref name="id"/> is decided: the next one the reader may decide, or the nearest before it.</summary>
    public DeskRow? After(string id)
    {
        var at = Index(id);
        var mine = Rows.Index().Where(r => r.Item.Row.MayDecide && !r.Item.Gone && r.Item.Row.Id != id).ToList();
        return mine.FirstOrDefault(r => r.Index > at).Item ?? mine.LastOrDefault().Item;
    }

    private DeskRow New(QueueRow row) => new(row, Address(row.Id), row.Id == SelectedId, false, _marked.Contains(row.Id));

    private DeskRow Keep(DeskRow shown, QueueRow row, bool gone)
    {
        var next = shown with { Row = row == shown.Row ? shown.Row : row, Gone = gone, Selected = row.Id == SelectedId, Marked = !gone && _marked.Contains(row.Id) };
        return next == shown ? shown : next;
    }

    private string Address(string id) => $"/approvals/{id}{_query}";

    private int Index(string? id) => id is null ? -1 : Rows.Index().Where(r => r.Item.Row.Id == id).Select(r => r.Index).DefaultIfEmpty(-1).First();
}
