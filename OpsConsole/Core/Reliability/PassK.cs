namespace OpsConsole.Core.Reliability;

/// <summary>Reliability over repetition: how likely k trials of a task all pass (Yao et al., τ-bench, 2024).</summary>
public static class PassK
{
    /// <summary>
    /// pass^k: the mean over tasks of C(c, k)/C(n, k), with c passes of n trials, as a product of k fractions, so that nothing overflows. Every task weighs the same however often it was tried.
    /// Null, undefined: there is no task, or one was tried fewer than k times (see <see cref="LargestK"/>).
    /// </summary>
    /// <param name="tasks">The passes among the trials of each task.</param>
    /// <param name="k">1 or more.</param>
    public static double? Of(IReadOnlyCollection<Proportion> tasks, int k)
    {
        if (k < 1) throw new ArgumentException("k is the number of trials that all have to pass: 1 or more.", nameof(k));
        return tasks.Count == 0 || tasks.Any(t => t.N < k) ? null : tasks.Average(t => AllPass(t, k));
    }

    /// <summary>The largest k that is defined for these tasks: the trials of the one that was tried least. 0: none is.</summary>
    public static long LargestK(IReadOnlyCollection<Proportion> tasks) => tasks.Count == 0 ? 0 : tasks.Min(t => t.N);

    private static double AllPass(Proportion task, int k)
    {
        if (task.K < k) return 0;
        var all = 1.0;
        for (var i = 0; i < k; i++) all *= (double)(task.K - i) / (task.N - i);
        return all;
    }
}
