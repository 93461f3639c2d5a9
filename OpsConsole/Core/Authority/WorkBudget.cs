namespace OpsConsole.Core.Authority;

/// <summary>How much comparing one analysis may do, counted in rows looked at, so that a huge matrix gets an honest 'cannot tell' instead of minutes.</summary>
/// <param name="token">Asked wherever work is charged: nobody waits for the analysis any more.</param>
internal sealed class WorkBudget(int steps, CancellationToken token = default)
{
    public CancellationToken Token => token;
    public int Left { get; private set; } = steps;
    public bool IsSpent => Left == 0;

    public void Spend(int steps)
    {
        token.ThrowIfCancellationRequested();
        Left = Math.Max(0, Left - steps);
    }
}
