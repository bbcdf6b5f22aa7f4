// Running the steps of a test file in their order.

/** Steps that share a context. Each stands on those before it, so the first failure is the last. */
export class Steps {
	constructor(context) {
		this.context = context;
		this.failed = false;
	}

	/** Runs steps as tests of their own below one called `name`. */
	async run(t, name, steps) {
		await t.test(name, { skip: this.failed }, async (t) => {
			for (const step of steps) {
				await t.test(step.name, { skip: this.failed }, () => this.attempt(step));
			}
		});
	}

	async attempt(step) {
		try {
			await step(this.context);
		} catch (error) {
			this.failed = true;
			throw error;
		}
	}
}
