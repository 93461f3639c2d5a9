namespace OpsConsole.Core.Authority;

/// <summary>One row as it stands in up to three versions of a list; null where it does not.</summary>
internal sealed class MergeNode<T> where T : class
{
    public T? Base { get; init; }
    public T? Mine { get; set; }
    public T? Theirs { get; set; }
    internal LinkedListNode<MergeNode<T>>? Place { get; set; }
}

/// <summary>
/// All rows of three versions of a list in one order: theirs, with the rows that only I moved or added set behind the row that I have before them.
/// So a list that only one of us touched comes out exactly as they left it.
/// </summary>
internal static class MergeOrder
{
    /// <param name="pairs">Which row of a list is which of another; for additions on both sides as well, where <c>added</c> is true.</param>
    public static IEnumerable<MergeNode<T>> Of<T>(IReadOnlyList<T> root, IReadOnlyList<T> mine, IReadOnlyList<T> theirs, Func<IReadOnlyList<T>, IReadOnlyList<T>, bool, int[]> pairs) where T : class
    {
        MergeNode<T>[] nodes = [.. root.Select(r => new MergeNode<T> { Base = r })];
        var (fromMine, fromTheirs) = (pairs(root, mine, false), pairs(root, theirs, false));
        var mineInOrder = mine.Select((row, i) => fromMine[i] < 0 ? new MergeNode<T>() : nodes[fromMine[i]]).ToList();
        for (var i = 0; i < mine.Count; i++) mineInOrder[i].Mine = mine[i];

        List<MergeNode<T>> newInMine = [.. mineInOrder.Where(n => n.Base is null)];
        int[] newInTheirs = [.. Enumerable.Range(0, theirs.Count).Where(j => fromTheirs[j] < 0)];
        var both = pairs([.. newInMine.Select(n => n.Mine!)], [.. newInTheirs.Select(j => theirs[j])], true);
        var place = newInTheirs.Index().ToDictionary(n => n.Item, n => n.Index);
        var theirsInOrder = theirs.Select((row, j) => fromTheirs[j] >= 0 ? nodes[fromTheirs[j]] : both[place[j]] >= 0 ? newInMine[both[place[j]]] : new MergeNode<T>()).ToList();
        for (var j = 0; j < theirs.Count; j++) theirsInOrder[j].Theirs = theirs[j];

        var (mineKept, theirsKept) = (RowPairs.Kept(fromMine), RowPairs.Kept(fromTheirs));
        HashSet<MergeNode<T>> movedByMe = [.. mineInOrder.Where((n, i) => fromMine[i] >= 0 && !mineKept[i])];
        movedByMe.ExceptWith(theirsInOrder.Where((_, j) => fromTheirs[j] >= 0 && !theirsKept[j]));

        LinkedList<MergeNode<T>> order = [];
        foreach (var node in theirsInOrder.Where(n => !movedByMe.Contains(n))) node.Place = order.AddLast(node);
        MergeNode<T>? before = null;
        foreach (var node in mineInOrder)
        {
            node.Place ??= before is null ? order.AddFirst(node) : order.AddAfter(before.Place!, node);
            before = node;
        }
        return order;
    }
}
